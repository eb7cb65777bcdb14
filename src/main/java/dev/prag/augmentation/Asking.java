package dev.prag.augmentation;

import dev.prag.generation.grammar.JsonSchema;

/**
 * How the answer to one call is chosen. An AI service's method takes messages only, so this travels beside the call.
 *
 * @param temperature 0 is greedy
 * @param maxTokens bound on the answer's length
 * @param seed of what is sampled
 * @param schema what an answer of the local model has to fit; null for any
 */
record Asking(double temperature, int maxTokens, long seed, JsonSchema schema) {
    /** Any text. */
    Asking(double temperature, int maxTokens, long seed) {
        this(temperature, maxTokens, seed, null);
    }

    /** In force within the calls of a scope. */
    static final ScopedValue<Asking> CURRENT = ScopedValue.newInstance();
}

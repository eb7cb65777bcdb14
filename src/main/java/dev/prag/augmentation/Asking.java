package dev.prag.augmentation;

/**
 * How the answer to one call is chosen. An AI service's method takes messages only, so this travels beside the call.
 *
 * @param temperature 0 is greedy
 * @param maxTokens bound on the answer's length
 * @param seed of what is sampled
 */
record Asking(double temperature, int maxTokens, long seed) {
    /** In force within the calls of a scope. */
    static final ScopedValue<Asking> CURRENT = ScopedValue.newInstance();
}

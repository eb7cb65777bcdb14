package dev.prag.augmentation;

/**
 * How the answer to one call is chosen. An AI service's method takes messages only, so this travels beside the call.
 *
 * @param temperature 0 is greedy
 * @param maxTokens bound on the answer's length
 * @param seed of what is sampled
 * @param start how the answer begins, if it is one line that the local model is to continue; else null
 */
record Asking(double temperature, int maxTokens, long seed, String start) {
    /** A whole answer. */
    Asking(double temperature, int maxTokens, long seed) {
        this(temperature, maxTokens, seed, null);
    }

    /** In force within the calls of a scope. */
    static final ScopedValue<Asking> CURRENT = ScopedValue.newInstance();
}

package dev.prag.reproduction;

/**
 * Where the answers of a {@link Series} come from.
 *
 * @param run the evaluation
 * @param method the row of its result
 * @param model as in {@link Series}, as {@code variant}, {@code set} and {@code sample}
 * @param dropped how many of the first answers don't count, as the program had to warm up
 */
record Measured(Run run, String method, String model, String variant, String set, String sample, int dropped) {}

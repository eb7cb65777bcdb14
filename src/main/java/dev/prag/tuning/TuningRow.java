package dev.prag.tuning;

/**
 * A row of the table that grows.
 *
 * @param what was tried
 * @param passages on how many
 * @param parametric F1; of closed-book in the row without adapters; null where it wasn't asked
 * @param combined F1; of in-context in the row without adapters; null where it wasn't asked
 * @param drift null where no adapter was in force
 * @param seconds that it took when it was measured
 */
public record TuningRow(String what, int passages, Double parametric, Double combined, Double drift, double seconds) {}

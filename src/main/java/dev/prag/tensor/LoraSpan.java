package dev.prag.tensor;

import java.util.List;

/**
 * The adapters in force for rows [row, row + rows) of one projection: y += Σ parts scale · (x Aᵀ) B.
 *
 * @param row first row
 * @param rows number of rows
 * @param parts adapters of this projection, in the order of the composition
 */
public record LoraSpan(int row, int rows, List<Part> parts) {
    /**
     * One adapter's matrices within a slab of F32. A is stored as [rank, in] from element {@code a}; B is stored
     * transposed, as [rank, out], from element {@code b}, so that both are read along rows.
     *
     * @param scale weight in the composition times the adapter's own scaling (alpha/r, or alpha/√r)
     */
    public record Part(long a, long b, int rank, float scale) {}
}

package dev.prag.tensor;

/**
 * How large the update of one projection may be.
 *
 * @param part where its A and B lie, and their scale
 * @param in columns of A
 * @param out columns of B, as it lies transposed
 * @param most the Frobenius norm of scale·BᵀA at most
 */
public record LoraBound(LoraSpan.Part part, int in, int out, float most) {}

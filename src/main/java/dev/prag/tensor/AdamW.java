package dev.prag.tensor;

/**
 * AdamW (Loshchilov and Hutter, 2019): m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; p ← p - lr·λ·p, then
 * p ← p - lr·(m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + ε).
 */
public record AdamW(float learningRate, float beta1, float beta2, float epsilon, float weightDecay) {
    /** The elements [offset, offset + length) of the slabs, which take their {@code step}-th step (from 1). */
    public record Range(long offset, long length, int step) {}
}

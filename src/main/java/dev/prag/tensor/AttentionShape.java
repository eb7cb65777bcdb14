package dev.prag.tensor;

/**
 * Heads of grouped-query attention (Ainslie et al., 2023). Query head h reads key/value head h / (heads / kvHeads);
 * scores are scaled by 1/√headDim.
 *
 * @param compute F32, or BF16 where a device may round what attention multiplies to it, as products of BF16 weights do:
 *     queries, keys, values, weights and gradients
 */
public record AttentionShape(int heads, int kvHeads, int headDim, DType compute) {
    /** Where nothing is rounded. */
    public AttentionShape(int heads, int kvHeads, int headDim) {
        this(heads, kvHeads, headDim, DType.F32);
    }

    /** Columns of a query tensor. */
    public int queryCols() {
        return heads * headDim;
    }

    /** Columns of a key or value tensor. */
    public int kvCols() {
        return kvHeads * headDim;
    }
}

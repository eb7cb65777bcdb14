package dev.prag.tensor;

/**
 * Heads of grouped-query attention (Ainslie et al., 2023). Query head h reads key/value head h / (heads / kvHeads);
 * scores are scaled by 1/√headDim.
 */
public record AttentionShape(int heads, int kvHeads, int headDim) {
    /** Columns of a query tensor. */
    public int queryCols() {
        return heads * headDim;
    }

    /** Columns of a key or value tensor. */
    public int kvCols() {
        return kvHeads * headDim;
    }
}

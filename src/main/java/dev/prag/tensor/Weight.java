package dev.prag.tensor;

/**
 * A frozen matrix W [out, in] of a model, handed to the device once and laid out as the device likes. It serves the
 * forward product x·Wᵀ, the backward product dy·W and the row look-up of an embedding.
 */
public interface Weight extends AutoCloseable {
    /** Rows of W: features that come out of x·Wᵀ. */
    int out();

    /** Columns of W: features of x. */
    int in();

    /**
     * The type in which products are computed: F32, BF16 with f32 accumulation, or I8 with exact sums of integers,
     * where what W is multiplied with is quantised by row.
     */
    DType dtype();

    @Override
    void close();
}

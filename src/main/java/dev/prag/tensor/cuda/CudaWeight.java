package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.Weight;

/**
 * A matrix W [out, in] in the pool, once, row-major. x·Wᵀ reads it transposed and dy·W as it lies.
 *
 * <p>Of an I8 weight the integers, with zeros up to {@link #paddedOut} rows and {@link #paddedIn} columns, as products of
 * integers want them, and behind them the scales of the rows in F32.
 */
final class CudaWeight implements Weight {
    /** Products of integers want matrices whose sides are multiples of this. */
    private static final int PADDING = 16;

    private final CudaWeights owner;
    private final int out;
    private final int in;
    private final DType dtype;
    private final CudaMemory memory;

    /** Takes a place for it; what it holds is to be written. */
    CudaWeight(CudaWeights owner, MemoryPool pool, int out, int in, DType dtype) {
        this.owner = owner;
        this.out = out;
        this.in = in;
        this.dtype = dtype;
        memory = new CudaMemory(pool, rowsBytes() + (dtype == DType.I8 ? 4L * out : 0));
    }

    private long rowsBytes() {
        return (long) paddedOut() * paddedIn() * dtype.bytes();
    }

    @Override
    public int out() {
        return out;
    }

    @Override
    public int in() {
        return in;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    boolean belongsTo(CudaWeights weights) {
        return owner == weights;
    }

    /** Rows, those of zeros included. */
    int paddedOut() {
        return padded(out);
    }

    /** Elements from row to row. */
    int paddedIn() {
        return padded(in);
    }

    private int padded(int n) {
        return dtype == DType.I8 ? Math.ceilDiv(n, PADDING) * PADDING : n;
    }

    /** Address of the first row. */
    long rows() {
        return row(0);
    }

    /** Address of a row. */
    long row(int row) {
        return memory.address() + (long) row * paddedIn() * dtype.bytes();
    }

    /** Address of the scales of an I8 weight's rows, of a row's on. */
    long scales(int row) {
        return memory.address() + rowsBytes() + 4L * row;
    }

    @Override
    public void close() {
        memory.free();
    }

    @Override
    public String toString() {
        return dtype + "[" + out + ", " + in + "]";
    }
}

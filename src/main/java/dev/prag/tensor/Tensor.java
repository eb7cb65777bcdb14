package dev.prag.tensor;

/**
 * A row-major matrix [rows, cols] in the memory of a {@link Device}. What the memory is, only the device knows; nothing
 * else may look inside. A tensor from {@link Device#allocate} owns its memory and must be closed; a view
 * ({@link #rows(int, int)}, {@link #reshape(int, int)}) shares it, and closing a view does nothing.
 */
public final class Tensor implements AutoCloseable {
    private final Device device;
    private final DType dtype;
    private final int rows;
    private final int cols;
    private final Object memory;
    private final long offset;
    private final boolean owner;

    /**
     * For devices only.
     *
     * @param memory the device's own handle
     * @param offset where the first element lies, in elements
     */
    public Tensor(Device device, DType dtype, int rows, int cols, Object memory, long offset, boolean owner) {
        this.device = device;
        this.dtype = dtype;
        this.rows = rows;
        this.cols = cols;
        this.memory = memory;
        this.offset = offset;
        this.owner = owner;
    }

    public Device device() {
        return device;
    }

    public DType dtype() {
        return dtype;
    }

    public int rows() {
        return rows;
    }

    public int cols() {
        return cols;
    }

    /** Number of elements. */
    public long size() {
        return (long) rows * cols;
    }

    /** The device's handle; meaningful to that device alone. */
    public Object memory() {
        return memory;
    }

    /** Offset of the first element within {@link #memory()}, in elements. */
    public long offset() {
        return offset;
    }

    /** The rows [from, from + count) as a view. */
    public Tensor rows(int from, int count) {
        if (from < 0 || count < 0 || from + count > rows) {
            throw new IndexOutOfBoundsException("rows [" + from + ", " + (from + count) + ") of " + this);
        }
        return new Tensor(device, dtype, count, cols, memory, offset + (long) from * cols, false);
    }

    /** The first elements under another shape, as a view; it may be smaller than this tensor, never larger. */
    public Tensor reshape(int newRows, int newCols) {
        if ((long) newRows * newCols > size()) {
            throw new IndexOutOfBoundsException("[" + newRows + ", " + newCols + "] of " + this);
        }
        return new Tensor(device, dtype, newRows, newCols, memory, offset, false);
    }

    @Override
    public void close() {
        if (owner) {
            device.release(this);
        }
    }

    @Override
    public String toString() {
        return dtype + "[" + rows + ", " + cols + "]";
    }
}

package dev.prag.tensor.cpu;

import dev.prag.tensor.DType;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * A matrix W [out, in] twice: row-major (the mapped file itself where its type is the type of the products), for the
 * look-up of rows and for the backward product, and reordered for the forward product, cut into the parts of W's rows
 * that the threads compute. The second form is made when the first product asks for it, so that an embedding table that
 * is only looked up has none.
 *
 * <p>Of an I8 weight both forms hold the integers, and the scales of the rows lie beside them.
 */
final class CpuWeight implements Weight {
    private final int out;
    private final int in;
    private final DType dtype;
    private final long rows;

    /** Address of the scales of the rows, F32, or 0. */
    private final long scales;

    /** Keeps a mapped file mapped, or null. */
    private final MemorySegment mapped;

    private final CpuMemory owned;
    private CpuMemory wide;
    private final Consumer<CpuWeight> closing;
    private PackedWeight forFew;
    private PackedWeight forMany;
    private boolean freed;

    /** Around memory that stays the caller's; {@code closing} is to call {@link #free}. */
    CpuWeight(int out, int in, DType dtype, MemorySegment mapped, Consumer<CpuWeight> closing) {
        this(out, in, dtype, mapped, null, mapped.address(), 0, closing);
    }

    /** Takes over the memory. */
    CpuWeight(int out, int in, DType dtype, CpuMemory owned, Consumer<CpuWeight> closing) {
        this(out, in, dtype, null, owned, owned.address(), 0, closing);
    }

    /** Takes over the memory of an I8 weight: the rows, somewhere behind them their scales, and these times 256. */
    CpuWeight(int out, int in, CpuMemory owned, long scales, Consumer<CpuWeight> closing) {
        this(out, in, DType.I8, null, owned, owned.address(), scales, closing);
    }

    private CpuWeight(
            int out,
            int in,
            DType dtype,
            MemorySegment mapped,
            CpuMemory owned,
            long rows,
            long scales,
            Consumer<CpuWeight> closing) {
        this.out = out;
        this.in = in;
        this.dtype = dtype;
        this.mapped = mapped;
        this.owned = owned;
        this.rows = rows;
        this.scales = scales;
        this.closing = closing;
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

    /** Address of the row-major matrix of {@link #dtype()}. */
    long rows() {
        if (freed) {
            throw new IllegalStateException("the weight was closed");
        }
        return rows;
    }

    /** Address of the scale of a row of an I8 weight, F32; 0 for other types. */
    long scales(int row) {
        return scales == 0 ? 0 : scales + 4L * row;
    }

    /** Address of 256 times the scale of a row; 0 for other types. */
    long upperScales(int row) {
        return scales == 0 ? 0 : scales + 4L * (out + row);
    }

    /** to ← row as floats. */
    void readRow(long to, int row) {
        long from = rows() + (long) dtype.bytes() * row * in;
        if (dtype == DType.I8) {
            Int8Rows.dequantise(to, from, in, Vec.getFloat(scales(row)));
        } else {
            Convert.stored(to, DType.F32, from, dtype, in);
        }
    }

    /**
     * W laid out for products of few rows of x, made when first asked for.
     *
     * @param type of the products: {@link #dtype()}, or a wider one where the CPU has no products of it
     */
    PackedWeight forFewRows(OneDnn oneDnn, Pool pool, DType type) {
        if (forFew == null) {
            forFew = PackedWeight.of(this, oneDnn, pool, type, OneDnn.Layout.FOR_FEW_ROWS);
        }
        return forFew;
    }

    /**
     * W laid out for products of many rows of x: a second copy where that has another layout and the budget allows it,
     * else the one for few.
     */
    PackedWeight forManyRows(OneDnn oneDnn, Pool pool, DType type, SecondLayouts budget) {
        if (forMany == null) {
            forMany = budget.grants(this, oneDnn, pool, type)
                    ? PackedWeight.of(this, oneDnn, pool, type, OneDnn.Layout.FOR_MANY_ROWS)
                    : forFewRows(oneDnn, pool, type);
        }
        return forMany;
    }

    /** Whether products of many rows have a copy of their own. */
    boolean hasSecondLayout() {
        return forMany != null && forMany != forFew;
    }

    /** Takes rows of W, row-major. */
    interface RowReader {
        void read(long rows);
    }

    /** Hands rows [from, to) over in a type that holds their numbers; valid during the call. */
    void readRows(int from, int to, DType type, RowReader reader) {
        long source = rows() + (long) dtype.bytes() * from * in;
        if (type == dtype) {
            reader.read(source);
            return;
        }
        long count = (long) (to - from) * in;
        CpuMemory widened = new CpuMemory(type.bytes() * count);
        widen(widened.address(), type, source, count);
        reader.read(widened.address());
        widened.free();
    }

    /** Some elements of a row in a type that holds its numbers. */
    void widen(long to, DType type, int row, int from, int count) {
        widen(to, type, rows() + dtype.bytes() * ((long) row * in + from), count);
    }

    private void widen(long to, DType type, long from, long count) {
        if (dtype == DType.I8) {
            Int8Rows.widen(to, type, from, count);
        } else {
            Convert.bf16ToFloats(to, from, count);
        }
    }

    /** Address of the row-major matrix in the type of the products; widened when first asked for. */
    synchronized long productRows(DType type) {
        if (type == dtype) {
            return rows();
        }
        if (wide == null) {
            wide = new CpuMemory((long) type.bytes() * out * in);
            widen(wide.address(), type, rows(), (long) out * in);
        }
        return wide.address();
    }

    @Override
    public void close() {
        closing.accept(this);
    }

    /** Frees its memory; a second call does nothing. */
    void free() {
        freed = true;
        if (owned != null) {
            owned.free();
        }
        if (wide != null) {
            wide.free();
        }
        if (forFew != null) {
            forFew.free();
        }
        if (forMany != null && forMany != forFew) {
            forMany.free();
        }
    }

    @Override
    public String toString() {
        return dtype + "[" + out + ", " + in + "]" + (mapped != null ? " mapped" : "");
    }
}

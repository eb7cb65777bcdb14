package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

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
    private CpuMemory packed;
    private final Consumer<CpuWeight> closing;
    private int[] partStarts;
    private long[] partOffsets;
    private boolean freed;

    /** Around memory that stays the caller's; {@code closing} is to call {@link #free}. */
    CpuWeight(int out, int in, DType dtype, MemorySegment mapped, Consumer<CpuWeight> closing) {
        this(out, in, dtype, mapped, null, mapped.address(), 0, closing);
    }

    /** Takes over the memory. */
    CpuWeight(int out, int in, DType dtype, CpuMemory owned, Consumer<CpuWeight> closing) {
        this(out, in, dtype, null, owned, owned.address(), 0, closing);
    }

    /** Takes over the memory of an I8 weight: the rows, and somewhere behind them their scales. */
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

    /** to ← row as floats. */
    void readRow(long to, int row) {
        long from = rows() + (long) dtype.bytes() * row * in;
        if (dtype == DType.I8) {
            Int8Rows.dequantise(to, from, in, ALL.get(JAVA_FLOAT_UNALIGNED, scales(row)));
        } else {
            Convert.stored(to, DType.F32, from, dtype, in);
        }
    }

    /** Whether {@link #prepare} was called. */
    boolean prepared() {
        return partStarts != null;
    }

    /**
     * Lays W out for products.
     *
     * @param type of the products: {@link #dtype()}, or a wider one where the CPU has no products of it
     */
    void prepare(OneDnn oneDnn, Pool pool, DType type) {
        int[] starts = Products.packedParts(out, in, type, pool.threads());
        int parts = starts.length - 1;
        long[] offsets = new long[parts + 1];
        for (int part = 0; part < parts; part++) {
            long bytes = oneDnn.packedBytes(type, starts[part + 1] - starts[part], in);
            offsets[part + 1] = offsets[part] + ((bytes + 63) & -64);
        }
        if (offsets[parts] > 0) {
            packed = new CpuMemory(offsets[parts]);
            pool.tasks(parts, true, (part, slot) -> {
                if (offsets[part + 1] > offsets[part]) {
                    pack(oneDnn, slot, type, starts[part], starts[part + 1], packed.address() + offsets[part]);
                }
            });
        }
        partOffsets = offsets;
        partStarts = starts;
    }

    private void pack(OneDnn oneDnn, int slot, DType type, int from, int to, long target) {
        long source = rows() + (long) dtype.bytes() * from * in;
        if (type == dtype) {
            oneDnn.pack(slot, type, to - from, in, source, target);
            return;
        }
        long count = (long) (to - from) * in;
        CpuMemory widened = new CpuMemory(type.bytes() * count);
        widen(widened.address(), type, source, count);
        oneDnn.pack(slot, type, to - from, in, widened.address(), target);
        widened.free();
    }

    private void widen(long to, DType type, long from, long count) {
        if (dtype == DType.I8) {
            Int8Rows.widen(to, type, from, count);
        } else {
            Convert.bf16ToFloats(to, from, count);
        }
    }

    /** Number of parts. */
    int parts() {
        return partStarts.length - 1;
    }

    /** First row of W in a part; of the part after the last, the number of rows. */
    int partStart(int part) {
        return partStarts[part];
    }

    /** Bytes of a part in the packed layout, or 0 where that is the row-major one. */
    long packedBytes(int part) {
        return partOffsets[part + 1] - partOffsets[part];
    }

    /** Address of a part in the packed layout, or 0 where that is the row-major one. */
    long packed(int part) {
        return partOffsets[part + 1] > partOffsets[part] ? packed.address() + partOffsets[part] : 0;
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
        if (packed != null) {
            packed.free();
        }
    }

    @Override
    public String toString() {
        return dtype + "[" + out + ", " + in + "]" + (mapped != null ? " mapped" : "");
    }
}

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
 */
final class CpuWeight implements Weight {
    private final int out;
    private final int in;
    private final DType dtype;
    private final long rows;

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
        this(out, in, dtype, mapped, null, mapped.address(), closing);
    }

    /** Takes over the memory. */
    CpuWeight(int out, int in, DType dtype, CpuMemory owned, Consumer<CpuWeight> closing) {
        this(out, in, dtype, null, owned, owned.address(), closing);
    }

    private CpuWeight(
            int out,
            int in,
            DType dtype,
            MemorySegment mapped,
            CpuMemory owned,
            long rows,
            Consumer<CpuWeight> closing) {
        this.out = out;
        this.in = in;
        this.dtype = dtype;
        this.mapped = mapped;
        this.owned = owned;
        this.rows = rows;
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

    /** Whether {@link #prepare} was called. */
    boolean prepared() {
        return partStarts != null;
    }

    /**
     * Lays W out for products.
     *
     * @param type of the products: F32 for a BF16 weight where the CPU has no products of bfloat16
     */
    void prepare(OneDnn oneDnn, Pool pool, DType type) {
        int[] starts = Products.parts(out, in, pool.threads());
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
        CpuMemory widened = new CpuMemory(4 * count);
        Convert.bf16ToFloats(widened.address(), source, count);
        oneDnn.pack(slot, type, to - from, in, widened.address(), target);
        widened.free();
    }

    /** Number of parts. */
    int parts() {
        return partStarts.length - 1;
    }

    /** First row of W in a part; of the part after the last, the number of rows. */
    int partStart(int part) {
        return partStarts[part];
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
            wide = new CpuMemory(4L * out * in);
            Convert.bf16ToFloats(wide.address(), rows(), (long) out * in);
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

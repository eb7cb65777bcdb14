package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** Makes weights: out of a file's bytes, and by merging adapters into a copy. */
final class Weights {
    /** Rows of a matrix that make a share worth handing over. */
    private static final int GRAIN = 16;

    private Weights() {}

    /** W [out, in] from a file: in place where the types agree, otherwise converted once. */
    static CpuWeight read(
            Pool pool, MemorySegment data, DType stored, int out, int in, DType compute, Consumer<CpuWeight> closing) {
        if (!data.isNative()) {
            CpuMemory copy = new CpuMemory(data.byteSize());
            MemorySegment.copy(data, 0, ALL, copy.address(), data.byteSize());
            if (stored == compute) {
                return new CpuWeight(out, in, compute, copy, closing);
            }
            CpuMemory converted = converted(pool, copy.address(), stored, out, in, compute);
            copy.free();
            return new CpuWeight(out, in, compute, converted, closing);
        }
        // A tensor may begin anywhere in a file, but an element must not straddle.
        if (stored == compute && data.address() % stored.bytes() == 0) {
            return new CpuWeight(out, in, compute, data, closing);
        }
        return new CpuWeight(out, in, compute, converted(pool, data.address(), stored, out, in, compute), closing);
    }

    private static CpuMemory converted(Pool pool, long data, DType stored, int out, int in, DType compute) {
        CpuMemory memory = new CpuMemory((long) out * in * compute.bytes());
        pool.ranges(out, GRAIN, (from, to) -> {
            long first = (long) from * in;
            long start = memory.address() + first * compute.bytes();
            Convert.stored(start, compute, data + first * stored.bytes(), stored, (long) (to - from) * in);
        });
        return memory;
    }

    /** W + Σ scale·BᵀA, summed in f32 and rounded once; {@code slab} is an address. */
    static CpuWeight merge(
            Pool pool, CpuWeight base, long slab, List<LoraSpan.Part> parts, Consumer<CpuWeight> closing) {
        int in = base.in();
        DType type = base.dtype();
        LoraSpan span = new LoraSpan(0, base.out(), parts);
        long[] a = CpuLora.rowsOf(span, slab, in, true);
        long[] b = CpuLora.rowsOf(span, slab, base.out(), false);
        float[] scales = CpuLora.scales(span, a.length);
        CpuMemory merged = new CpuMemory((long) base.out() * in * type.bytes());
        pool.ranges(base.out(), GRAIN, (from, to) -> {
            float[] factors = new float[a.length];
            CpuMemory sum = new CpuMemory(4L * in);
            for (int o = from; o < to; o++) {
                for (int r = 0; r < factors.length; r++) {
                    factors[r] = scales[r] * ALL.get(JAVA_FLOAT_UNALIGNED, b[r] + 4L * o);
                }
                long row = (long) o * in * type.bytes();
                Convert.stored(sum.address(), DType.F32, base.rows() + row, type, in);
                CpuLora.addCombination(sum.address(), factors, 0, a, in);
                Convert.stored(merged.address() + row, type, sum.address(), DType.F32, in);
            }
            sum.free();
        });
        return new CpuWeight(base.out(), in, type, merged, closing);
    }
}

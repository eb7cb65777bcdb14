package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
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
            CpuWeight converted = converted(pool, copy.address(), stored, out, in, compute, closing);
            copy.free();
            return converted;
        }
        // A tensor may begin anywhere in a file, but an element must not straddle.
        if (stored == compute && data.address() % stored.bytes() == 0) {
            return new CpuWeight(out, in, compute, data, closing);
        }
        CpuWeight converted = converted(pool, data.address(), stored, out, in, compute, closing);
        if (data.isMapped()) {
            // Nothing reads the file's form again.
            data.unload();
        }
        return converted;
    }

    /** W [out, in] from rows that are made one by one. */
    static CpuWeight read(Pool pool, RowSource rows, int out, int in, DType compute, Consumer<CpuWeight> closing) {
        return made(pool, (o, floats) -> rows.read(o, ALL.asSlice(floats, 4L * in)), out, in, compute, closing);
    }

    private static CpuWeight converted(
            Pool pool, long data, DType stored, int out, int in, DType compute, Consumer<CpuWeight> closing) {
        long stride = (long) in * stored.bytes();
        Maker rows = (o, floats) -> Convert.stored(floats, DType.F32, data + o * stride, stored, in);
        return made(pool, rows, out, in, compute, closing);
    }

    /** Writes a row as floats to an address. */
    private interface Maker {
        void write(int row, long floats);
    }

    private static CpuWeight made(Pool pool, Maker rows, int out, int in, DType compute, Consumer<CpuWeight> closing) {
        Target target = Target.of(out, in, compute);
        try {
            pool.ranges(out, GRAIN, (from, to) -> {
                CpuMemory row = new CpuMemory(4L * in);
                try {
                    for (int o = from; o < to; o++) {
                        rows.write(o, row.address());
                        target.write(o, row.address());
                    }
                } finally {
                    row.free();
                }
            });
        } catch (RuntimeException | Error e) {
            target.memory().free();
            throw e;
        }
        return target.weight(closing);
    }

    /** W + Σ scale·BᵀA, summed in f32 and rounded (or quantised) once; {@code slab} is an address. */
    static CpuWeight merge(
            Pool pool, CpuWeight base, long slab, List<LoraSpan.Part> parts, Consumer<CpuWeight> closing) {
        int in = base.in();
        LoraSpan span = new LoraSpan(0, base.out(), parts);
        long[] a = CpuLora.rowsOf(span, slab, in, true);
        long[] b = CpuLora.rowsOf(span, slab, base.out(), false);
        float[] scales = CpuLora.scales(span, a.length);
        Target target = Target.of(base.out(), in, base.dtype());
        pool.ranges(base.out(), GRAIN, (from, to) -> {
            float[] factors = new float[a.length];
            CpuMemory sum = new CpuMemory(4L * in);
            for (int o = from; o < to; o++) {
                for (int r = 0; r < factors.length; r++) {
                    factors[r] = scales[r] * Vec.getFloat(b[r] + 4L * o);
                }
                base.readRow(sum.address(), o);
                CpuLora.addCombination(sum.address(), factors, 0, a, in);
                target.write(o, sum.address());
            }
            sum.free();
        });
        return target.weight(closing);
    }

    /**
     * A weight that is being written.
     *
     * @param memory the rows, and after them the scales of an I8 weight, once for the lower bytes of activations and once,
     *     256 times as large, for the upper ones
     * @param scales address of the scales
     */
    private record Target(int out, int in, DType type, CpuMemory memory, long scales) {
        static Target of(int out, int in, DType type) {
            long rows = ((long) out * in * type.bytes() + 63) & -64;
            CpuMemory memory = new CpuMemory(type == DType.I8 ? rows + 8L * out : rows);
            return new Target(out, in, type, memory, memory.address() + rows);
        }

        /** Takes a row from floats. */
        void write(int row, long floats) {
            long to = memory.address() + (long) row * in * type.bytes();
            if (type == DType.I8) {
                float scale = Int8Rows.quantise(to, type, floats, in);
                Vec.setFloat(scales + 4L * row, scale);
                Vec.setFloat(scales + 4L * (out + row), 256 * scale);
            } else {
                Convert.stored(to, type, floats, DType.F32, in);
            }
        }

        CpuWeight weight(Consumer<CpuWeight> closing) {
            return type == DType.I8
                    ? new CpuWeight(out, in, memory, scales, closing)
                    : new CpuWeight(out, in, type, memory, closing);
        }
    }
}

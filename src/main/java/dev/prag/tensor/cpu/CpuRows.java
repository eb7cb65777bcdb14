package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.CpuDevice.at;
import static dev.prag.tensor.cpu.Vec.ALL;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.DType;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The operations on elements and rows: which thread takes which of them to the kernels of {@link Rows}. */
final class CpuRows {
    /** Columns from which a copy, a sum or a gated unit of one row is worth sharing. */
    private static final int GRAIN_BLOCKS = 8;

    private final Pool pool;

    CpuRows(Pool pool) {
        this.pool = pool;
    }

    // ---- elements ----

    /** A kernel over n elements from an offset. */
    private interface Elements {
        void run(long from, long n);
    }

    /** Calls the kernel block by block, so that the compiled kernel takes over soon in a large first call. */
    private void elements(long size, Elements kernel) {
        int blocks = (int) Math.ceilDiv(size, Rows.BLOCK);
        pool.ranges(blocks, GRAIN_BLOCKS, (from, to) -> {
            for (int block = from; block < to; block++) {
                long first = (long) block * Rows.BLOCK;
                kernel.run(first, Math.min(size - first, Rows.BLOCK));
            }
        });
    }

    /** Of any type of numbers. */
    void fill(Tensor dst, float value) {
        if (dst.dtype() == DType.F32) {
            elements(dst.size(), (from, n) -> Rows.fill(at(dst) + 4 * from, n, value));
        } else {
            float[] values = new float[Math.toIntExact(dst.size())];
            Arrays.fill(values, value);
            Convert.fromArray(at(dst), dst.dtype(), values, values.length);
        }
    }

    void copy(Tensor dst, Tensor src) {
        elements(dst.size(), (from, n) -> MemorySegment.copy(ALL, at(src) + 4 * from, ALL, at(dst) + 4 * from, 4 * n));
    }

    void add(Tensor y, Tensor x) {
        elements(y.size(), (from, n) -> Rows.add(at(y) + 4 * from, at(x) + 4 * from, n));
    }

    void swiglu(Tensor out, Tensor gate, Tensor up) {
        elements(out.size(), (from, n) -> Rows.swiglu(at(out) + 4 * from, at(gate) + 4 * from, at(up) + 4 * from, n));
    }

    void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up) {
        elements(
                dout.size(),
                (from, n) -> Rows.swigluBackward(
                        at(dgate) + 4 * from,
                        at(dup) + 4 * from,
                        at(dout) + 4 * from,
                        at(gate) + 4 * from,
                        at(up) + 4 * from,
                        n));
    }

    void adamW(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        for (AdamW.Range range : ranges) {
            elements(range.length(), (from, n) -> {
                long first = 4 * (range.offset() + from);
                Rows.adamW(
                        at(parameters) + first,
                        at(gradients) + first,
                        at(firstMoments) + first,
                        at(secondMoments) + first,
                        n,
                        hyper,
                        range.step());
            });
        }
    }

    // ---- rows ----

    /** Rows that make a share worth handing over. */
    private static int grain(int cols) {
        return Math.max(1, GRAIN_BLOCKS * Rows.BLOCK / Math.max(1, cols));
    }

    void embed(Tensor out, CpuWeight table, int[] ids) {
        for (int r = 0; r < ids.length; r++) {
            table.readRow(at(out, r), ids[r]);
        }
    }

    void gather(Tensor out, Tensor x, int[] rows) {
        for (int r = 0; r < rows.length; r++) {
            MemorySegment.copy(ALL, at(x, rows[r]), ALL, at(out, r), 4L * x.cols());
        }
    }

    void scatterAdd(Tensor out, Tensor x, int[] rows) {
        for (int r = 0; r < rows.length; r++) {
            Rows.add(at(out, rows[r]), at(x, r), x.cols());
        }
    }

    void rmsNorm(Tensor out, Tensor x, Tensor gain, float eps) {
        pool.ranges(x.rows(), grain(x.cols()), (from, to) -> {
            for (int r = from; r < to; r++) {
                Rows.rmsNorm(at(out, r), at(x, r), at(gain), x.cols(), eps);
            }
        });
    }

    void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain, float eps) {
        pool.ranges(x.rows(), grain(x.cols()), (from, to) -> {
            for (int r = from; r < to; r++) {
                Rows.rmsNormBackward(at(dx, r), at(dout, r), at(x, r), at(gain), x.cols(), eps);
            }
        });
    }

    /** @param sign 1 to turn each head of a row to its position, -1 to turn it back */
    void rotate(Tensor x, int[] positions, Tensor cos, Tensor sin, int headDim, float sign) {
        int heads = x.cols() / headDim;
        pool.ranges(x.rows(), grain(x.cols()), (from, to) -> {
            for (int r = from; r < to; r++) {
                Rows.rope(at(x, r), heads, headDim, at(cos, positions[r]), at(sin, positions[r]), sign);
            }
        });
    }

    void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        long bytes = 4L * k.cols();
        int size = cache.blockSize();
        for (Span span : spans) {
            if (!span.cached()) {
                continue;
            }
            for (int i = 0; i < span.rows(); i++) {
                int position = span.position() + i;
                int row = span.blocks()[position / size] * size + position % size;
                MemorySegment.copy(ALL, at(k, span.row() + i), ALL, at(cache.keys(), row), bytes);
                MemorySegment.copy(ALL, at(v, span.row() + i), ALL, at(cache.values(), row), bytes);
            }
        }
    }
}

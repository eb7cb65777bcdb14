package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.LoraSpan;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Low-rank side branches. The ranks are small, so a row of x is multiplied with the few rows of A as dot products, and
 * the rows of Bᵀ are added with those factors in one pass over y. In the backward pass the gradients of A and B are sums
 * over rows: threads share them by columns, so that every sum runs over the rows in their order, whatever the number of
 * threads.
 */
final class CpuLora {
    /** Multiplications below which one thread does all. */
    private static final long WORTHWHILE = 60_000;

    /** Columns that a thread takes at once for the gradients of A and B; a multiple of every vector length. */
    private static final int COLUMNS = 256;

    private final Pool pool;
    private float[] hidden = new float[0];
    private float[] back = new float[0];

    CpuLora(Pool pool) {
        this.pool = pool;
    }

    /** y += Σ scale·(x Aᵀ) B for the rows of the spans. */
    void forward(long y, int out, long x, int in, long slab, List<LoraSpan> spans) {
        for (LoraSpan span : spans) {
            long[] a = rowsOf(span, slab, in, true);
            long[] b = rowsOf(span, slab, out, false);
            float[] scales = scales(span, a.length);
            pool.ranges(span.rows(), grain(a.length, in + out), (from, to) -> {
                float[] h = new float[a.length];
                for (int row = span.row() + from; row < span.row() + to; row++) {
                    project(h, 0, x + 4L * row * in, a, scales, in);
                    addCombination(y + 4L * row * out, h, 0, b, out);
                }
            });
        }
    }

    /** dx += Σ scale·(dy Bᵀ) A where dx is not 0; grads += the gradients of A and B. */
    void backward(long dx, long grads, int out, int in, long dy, long x, long slab, List<LoraSpan> spans) {
        for (LoraSpan span : spans) {
            long[] a = rowsOf(span, slab, in, true);
            long[] b = rowsOf(span, slab, out, false);
            int ranks = a.length;
            int rows = span.rows();
            float[] scales = scales(span, ranks);
            if (hidden.length < rows * ranks) {
                hidden = new float[rows * ranks];
                back = new float[rows * ranks];
            }
            int grain = grain(ranks, 2 * in + out);
            long firstX = x + 4L * span.row() * in;
            long firstDy = dy + 4L * span.row() * out;
            pool.ranges(rows, grain, (from, to) -> {
                for (int row = from; row < to; row++) {
                    project(hidden, row * ranks, firstX + 4L * row * in, a, scales, in);
                    project(back, row * ranks, firstDy + 4L * row * out, b, scales, out);
                    if (dx != 0) {
                        addCombination(dx + 4L * (span.row() + row) * in, back, row * ranks, a, in);
                    }
                }
            });
            sumOverRows(rowsOf(span, grads, in, true), back, firstX, rows, in);
            sumOverRows(rowsOf(span, grads, out, false), hidden, firstDy, rows, out);
        }
    }

    /** row += Σ factors[i]·parts[i], n elements: the update of one row of merged weights. */
    static void addCombination(long row, float[] factors, int first, long[] parts, int n) {
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            FloatVector s0 = Vec.load(row + 4L * i);
            FloatVector s1 = Vec.load(row + 4L * (i + LANES));
            for (int r = 0; r < parts.length; r++) {
                FloatVector factor = FloatVector.broadcast(F, factors[first + r]);
                s0 = Vec.load(parts[r] + 4L * i).fma(factor, s0);
                s1 = Vec.load(parts[r] + 4L * (i + LANES)).fma(factor, s1);
            }
            Vec.store(s0, row + 4L * i);
            Vec.store(s1, row + 4L * (i + LANES));
        }
        for (; i < n; i += LANES) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector s = Vec.load(row + 4L * i, mask);
            for (int r = 0; r < parts.length; r++) {
                s = Vec.load(parts[r] + 4L * i, mask).fma(FloatVector.broadcast(F, factors[first + r]), s);
            }
            Vec.store(s, row + 4L * i, mask);
        }
    }

    /** Addresses of all rows of A, or of Bᵀ, of a span's parts. */
    static long[] rowsOf(LoraSpan span, long slab, int n, boolean a) {
        int ranks = 0;
        for (LoraSpan.Part part : span.parts()) {
            ranks += part.rank();
        }
        long[] rows = new long[ranks];
        int at = 0;
        for (LoraSpan.Part part : span.parts()) {
            for (int r = 0; r < part.rank(); r++) {
                rows[at++] = slab + 4L * ((a ? part.a() : part.b()) + (long) r * n);
            }
        }
        return rows;
    }

    /** The scale of each row of {@link #rowsOf}. */
    static float[] scales(LoraSpan span, int ranks) {
        float[] scales = new float[ranks];
        int at = 0;
        for (LoraSpan.Part part : span.parts()) {
            for (int r = 0; r < part.rank(); r++) {
                scales[at++] = part.scale();
            }
        }
        return scales;
    }

    /** h[first + r] ← scales[r] · (x · rows[r]). */
    private static void project(float[] h, int first, long x, long[] rows, float[] scales, int n) {
        for (int r = 0; r < rows.length; r++) {
            h[first + r] = scales[r] * Rows.dot(x, rows[r], n);
        }
    }

    /** sums[r] += Σ over rows i of factors[i, r] · x[i], n columns. */
    private void sumOverRows(long[] sums, float[] factors, long x, int rows, int n) {
        int blocks = Math.ceilDiv(n, COLUMNS);
        boolean worthwhile = (long) rows * n * sums.length >= WORTHWHILE;
        pool.tasks(blocks, worthwhile, (block, slot) -> {
            int column = block * COLUMNS;
            int width = Math.min(COLUMNS, n - column);
            for (int r = 0; r < sums.length; r++) {
                long sum = sums[r] + 4L * column;
                int i = 0;
                for (; i + 4 <= rows; i += 4) {
                    int f = i * sums.length + r;
                    addFour(
                            sum,
                            x + 4L * ((long) i * n + column),
                            4L * n,
                            width,
                            factors[f],
                            factors[f + sums.length],
                            factors[f + 2 * sums.length],
                            factors[f + 3 * sums.length]);
                }
                for (; i < rows; i++) {
                    Rows.axpy(sum, factors[i * sums.length + r], x + 4L * ((long) i * n + column), width);
                }
            }
        });
    }

    private static void addFour(long sum, long x, long stride, int n, float f0, float f1, float f2, float f3) {
        FloatVector v0 = FloatVector.broadcast(F, f0);
        FloatVector v1 = FloatVector.broadcast(F, f1);
        FloatVector v2 = FloatVector.broadcast(F, f2);
        FloatVector v3 = FloatVector.broadcast(F, f3);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long at = x + 4L * i;
            FloatVector s = Vec.load(sum + 4L * i);
            s = Vec.load(at).fma(v0, s);
            s = Vec.load(at + stride).fma(v1, s);
            s = Vec.load(at + 2 * stride).fma(v2, s);
            s = Vec.load(at + 3 * stride).fma(v3, s);
            Vec.store(s, sum + 4L * i);
        }
        if (i < n) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            long at = x + 4L * i;
            FloatVector s = Vec.load(sum + 4L * i, mask);
            s = Vec.load(at, mask).fma(v0, s);
            s = Vec.load(at + stride, mask).fma(v1, s);
            s = Vec.load(at + 2 * stride, mask).fma(v2, s);
            s = Vec.load(at + 3 * stride, mask).fma(v3, s);
            Vec.store(s, sum + 4L * i, mask);
        }
    }

    private static int grain(int ranks, int columns) {
        return (int) Math.clamp(WORTHWHILE / 2 / Math.max(1L, (long) ranks * columns), 1, Integer.MAX_VALUE);
    }
}

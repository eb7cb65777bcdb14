package dev.prag.tensor.cpu;

import dev.prag.tensor.DType;
import java.util.function.LongSupplier;

/**
 * The products of activations and weights. The columns of the result are cut into parts, one for each thread, so that a
 * thread reads its own part of W and every element is summed by one thread in one order.
 */
final class Products implements AutoCloseable {
    /** Below so many multiplications handing over to other threads costs more than it saves. */
    private static final long WORTHWHILE = 100_000;

    private static final int ALIGNMENT = 64;

    /** Elements of a weight that stays in the cache. */
    private static final long SMALL_WEIGHT = 1 << 21;

    private static final int FEW_ROWS = 16;
    private static final int MANY_ROWS = 256;

    private final OneDnn oneDnn;
    private final Pool pool;
    private final Scratch rounded = new Scratch();
    private final Bf16Rows oneRow = new Bf16Rows();

    Products(OneDnn oneDnn, Pool pool) {
        this.oneDnn = oneDnn;
        this.pool = pool;
    }

    /** Where the parts of {@code count} rows or columns start, and the end of the last. */
    static int[] parts(int count, int length, int threads) {
        int wanted = (long) count * length < WORTHWHILE / 4 ? 1 : threads;
        int size = Math.ceilDiv(Math.ceilDiv(count, wanted), ALIGNMENT) * ALIGNMENT;
        int parts = Math.ceilDiv(count, size);
        int[] starts = new int[parts + 1];
        for (int i = 0; i <= parts; i++) {
            starts[i] = (int) Math.min((long) i * size, count);
        }
        return starts;
    }

    /** y [m, out] ← x [m, in] Wᵀ (+ bias). */
    void forward(long y, long x, int m, CpuWeight w, long bias) {
        int k = w.in();
        int n = w.out();
        if (m == 1 && w.dtype() == DType.BF16 && !oneDnn.bf16() && Bf16Rows.fits(k)) {
            oneRow.load(x, k);
            pool.ranges(n, (int) (WORTHWHILE / 2 / k), (from, to) -> oneRow.multiply(y, w.rows(), k, from, to));
            if (bias != 0) {
                Rows.add(y, bias, n);
            }
            return;
        }
        DType type = prepared(w);
        long input = input(x, (long) m * k, w.dtype());
        pool.tasks(w.parts(), (long) m * n * k >= WORTHWHILE, (part, slot) -> {
            int from = w.partStart(part);
            int width = w.partStart(part + 1) - from;
            long packed = w.packed(part);
            OneDnn.Layout layout = packed == 0 ? OneDnn.Layout.ROWS : OneDnn.Layout.PACKED;
            LongSupplier rows = () -> w.productRows(type) + (long) type.bytes() * from * k;
            for (int row = 0, count; row < m; row += count) {
                count = rowsAtOnce(m - row, w);
                OneDnn.Shape shape = new OneDnn.Shape(type, count, width, k, layout, k, k, n, false);
                long at = y + 4L * ((long) row * n + from);
                oneDnn.multiply(slot, shape, input + (long) type.bytes() * row * k, packed, rows, at);
            }
            if (bias != 0) {
                Rows.addToRows(y + 4L * from, n, m, bias + 4L * from, width);
            }
        });
    }

    /** dx [m, in] ← (or +=) dy [m, out] W. */
    void backward(long dx, long dy, int m, CpuWeight w, boolean accumulate) {
        DType type = prepared(w);
        int k = w.out();
        int n = w.in();
        long input = input(dy, (long) m * k, w.dtype());
        int[] starts = parts(n, k, pool.threads());
        pool.tasks(starts.length - 1, (long) m * n * k >= WORTHWHILE, (part, slot) -> {
            int from = starts[part];
            int width = starts[part + 1] - from;
            LongSupplier rows = () -> w.productRows(type) + (long) type.bytes() * from;
            for (int row = 0, count; row < m; row += count) {
                count = rowsAtOnce(m - row, w);
                OneDnn.Shape shape =
                        new OneDnn.Shape(type, count, width, k, OneDnn.Layout.COLUMNS, k, n, n, accumulate);
                long at = dx + 4L * ((long) row * n + from);
                oneDnn.multiply(slot, shape, input + (long) type.bytes() * row * k, 0, rows, at);
            }
        });
    }

    /**
     * How many of the rows that are left the next product takes. A product is compiled for its number of rows, which
     * takes longer than many a product with a small weight; such a weight stays in the cache from one product to the
     * next, so that a few numbers of rows can serve all.
     */
    private static int rowsAtOnce(int left, CpuWeight w) {
        boolean small = (long) w.out() * w.in() <= SMALL_WEIGHT;
        return !small || left < FEW_ROWS ? left : Math.min(MANY_ROWS, Integer.highestOneBit(left));
    }

    private DType prepared(CpuWeight w) {
        DType type = oneDnn.bf16() ? w.dtype() : DType.F32;
        if (!w.prepared()) {
            w.prepare(oneDnn, pool, type);
        }
        return type;
    }

    /** The activations as the product wants them: as they are, or rounded to bfloat16. */
    private long input(long x, long count, DType type) {
        if (type == DType.F32) {
            return x;
        }
        boolean narrow = oneDnn.bf16();
        long to = rounded.atLeast(count * (narrow ? 2 : 4));
        int blocks = (int) Math.ceilDiv(count, Rows.BLOCK);
        pool.ranges(blocks, 8, (from, end) -> {
            for (int block = from; block < end; block++) {
                long first = (long) block * Rows.BLOCK;
                long n = Math.min(count - first, Rows.BLOCK);
                if (narrow) {
                    Convert.floatsToBf16(to + 2 * first, x + 4 * first, n);
                } else {
                    Convert.roundToBf16(to + 4 * first, x + 4 * first, n);
                }
            }
        });
        return to;
    }

    @Override
    public void close() {
        rounded.free();
    }
}

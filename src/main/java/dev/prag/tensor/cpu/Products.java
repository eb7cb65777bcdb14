package dev.prag.tensor.cpu;

import dev.prag.tensor.DType;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The products of activations and weights. The columns of the result are cut into parts of W that fit the cache of a
 * core; whichever thread is free takes the next, and every element is summed by one thread in one order.
 */
final class Products implements AutoCloseable {
    /** Below so many multiplications handing over to other threads costs more than it saves. */
    private static final long WORTHWHILE = 100_000;

    private static final int ALIGNMENT = 64;

    /** Elements of a weight that stays in the cache. */
    private static final long SMALL_WEIGHT = 1 << 21;

    private static final int FEW_ROWS = 16;
    private static final int MANY_ROWS = 256;

    /** Rows of x from which a layout for many is better than one for few. */
    private static final int MANY_ROWS_LAYOUT = 32;

    /** Rows of x at a time for a weight that doesn't stay in the cache: they do, then. */
    private static final int ROWS_AT_ONCE = 512;

    /** Gradients that make a share worth handing over. */
    private static final int QUANTISED_GRAIN = 16_384;

    /** Rows from which a BF16 weight is widened for each product of a training: below, that costs more than it saves. */
    private static final int WIDENED_ROWS = 64;

    /** The block of a weight that is widened at once for the backward product. */
    private static final int BLOCK_ROWS = 2048;

    private static final int BLOCK_COLUMNS = 256;

    /** Columns of a backward product of bytes at a time: its sums stay in the cache until they are scaled. */
    private static final int INT8_COLUMNS = 512;

    /** Rows of gradients that are quantised as one task. */
    private static final int GRADIENT_ROWS = 16;

    private final OneDnn oneDnn;
    private final Pool pool;
    private final SecondLayouts secondLayouts;
    private final BooleanSupplier f32IsFaster;
    private final Scratch rounded = new Scratch();
    private final Scratch rowScales = new Scratch();

    private final QuantisedActivations activations;

    /** For each slot a block of a weight, as a product wants it. */
    private final Scratch[] blocks;

    /** For each slot the sums of a product in integers, before they are scaled. */
    private final Scratch[] slotSums;

    private final Scratch ones = new Scratch();
    private final Bf16Rows oneRow = new Bf16Rows();
    private final CacheFill cacheFill = new CacheFill();

    /** @param f32IsFaster whether many rows are multiplied faster in f32 than in bfloat16; asked when it matters */
    Products(OneDnn oneDnn, Pool pool, SecondLayouts secondLayouts, BooleanSupplier f32IsFaster) {
        this.oneDnn = oneDnn;
        this.f32IsFaster = f32IsFaster;
        this.secondLayouts = secondLayouts;
        this.pool = pool;
        activations = new QuantisedActivations(pool);
        blocks = new Scratch[pool.threads()];
        slotSums = new Scratch[pool.threads()];
        Arrays.setAll(blocks, i -> new Scratch());
        Arrays.setAll(slotSums, i -> new Scratch());
    }

    /**
     * Where the parts of a packed W [out, in] start, and the end of the last: at least one for each thread, and none
     * larger than what stays in the cache of a core.
     */
    static int[] packedParts(int out, int in, DType type, int threads) {
        long fitting = CacheFill.PART_BYTES / ((long) in * type.bytes()) / ALIGNMENT * ALIGNMENT;
        return cut(out, Math.min(share(out, in, threads), Math.max(ALIGNMENT, fitting)));
    }

    /** Where the parts of {@code count} columns start, and the end of the last. */
    static int[] parts(int count, int length, int wanted) {
        return cut(count, share(count, length, wanted));
    }

    private static long share(int count, int length, int wanted) {
        int parts = (long) count * length < WORTHWHILE / 4 ? 1 : wanted;
        return Math.ceilDiv(Math.ceilDiv(count, parts), ALIGNMENT) * (long) ALIGNMENT;
    }

    private static int[] cut(int count, long size) {
        int parts = (int) Math.ceilDiv(count, size);
        int[] starts = new int[parts + 1];
        for (int i = 0; i <= parts; i++) {
            starts[i] = (int) Math.min(i * size, count);
        }
        return starts;
    }

    /**
     * y [m, out] ← x [m, in] Wᵀ (+ bias).
     *
     * @param training whether it is a product of a training. Others keep to one kind whatever the number of rows, so that
     *     an answer has the same bits however much of its prompt is in the cache
     */
    void forward(long y, long x, int m, CpuWeight w, long bias, boolean training) {
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
        if (training && m >= WIDENED_ROWS && widens(w)) {
            forwardWidened(y, x, m, w, bias);
            return;
        }
        DType type = productType(w.dtype());
        boolean many = m >= MANY_ROWS_LAYOUT;
        PackedWeight packed =
                many ? w.forManyRows(oneDnn, pool, type, secondLayouts) : w.forFewRows(oneDnn, pool, type);
        OneDnn.Layout layout = many && w.hasSecondLayout() ? OneDnn.Layout.FOR_MANY_ROWS : OneDnn.Layout.FOR_FEW_ROWS;
        boolean int8 = w.dtype() == DType.I8;
        if (int8) {
            activations.load(x, m, k, type);
        }
        long input = int8 ? activations.lower() : input(x, (long) m * k, w.dtype(), type);
        boolean outliers = int8 && activations.outliers();
        // With few rows it takes reading W: the upper bytes go along, as rows of their own.
        boolean stacked = outliers && type == DType.I8 && !many;
        int gathered = outliers && type == DType.I8 && many ? activations.gather() : 0;
        boolean large = (long) n * k > SMALL_WEIGHT;
        boolean touch = large && cacheFill.wanted(m, packed.bytes(0));
        long start = System.nanoTime();
        pool.tasks(packed.parts(), (long) m * n * k >= WORTHWHILE, (part, slot) -> {
            int from = packed.start(part);
            Right right = new Right(w, type, layout, from, packed.start(part + 1) - from, packed.address(part));
            int width = right.width;
            if (touch && right.packed != 0) {
                cacheFill.touch(right.packed, packed.bytes(part));
            }
            long at = y + 4L * from;
            if (stacked) {
                long sums = slotSums[slot].atLeast(8L * m * width);
                multiply(slot, right, input, 2 * m, sums, width, false);
                for (int row = 0; row < m; row++) {
                    long lower = sums + 4L * row * width;
                    Int8Rows.combine(at + 4L * row * n, lower, lower + 4L * m * width, width);
                }
            } else {
                multiply(slot, right, input, m, at, n, false);
                if (gathered > 0) {
                    multiplyGathered(slot, right, gathered, m, at, n);
                } else if (outliers) {
                    multiply(slot, right, activations.upper(), m, at, n, true);
                }
            }
            if (int8) {
                scale(at, n, m, width, type, w.scales(from), bias == 0 ? 0 : bias + 4L * from);
            } else if (bias != 0) {
                Rows.addToRows(at, n, m, bias + 4L * from, width);
            }
        });
        if (large) {
            cacheFill.took(m, touch, (long) n * k * type.bytes(), System.nanoTime() - start);
        }
    }

    /**
     * The same for a BF16 weight whose parts are widened one by one, into memory that stays in the cache, so that there is
     * no f32 copy of it.
     */
    private void forwardWidened(long y, long x, int m, CpuWeight w, long bias) {
        int k = w.in();
        int n = w.out();
        long input = input(x, (long) m * k, DType.BF16, DType.F32);
        int[] starts = packedParts(n, k, DType.F32, pool.threads());
        pool.tasks(starts.length - 1, (long) m * n * k >= WORTHWHILE, (part, slot) -> {
            int from = starts[part];
            int width = starts[part + 1] - from;
            long block = blocks[slot].atLeast(4L * width * k);
            Convert.bf16ToFloats(block, w.rows() + 2L * from * k, (long) width * k);
            for (int row = 0, count; row < m; row += count) {
                count = rowsAtOnce(m - row, w);
                OneDnn.Shape shape = new OneDnn.Shape(DType.F32, count, width, k, OneDnn.Layout.ROWS, k, k, n, false);
                long at = y + 4L * ((long) row * n + from);
                oneDnn.multiply(slot, shape, input + 4L * row * k, 0, () -> block, 0, at);
            }
            if (bias != 0) {
                Rows.addToRows(y + 4L * from, n, m, bias + 4L * from, width);
            }
        });
    }

    /**
     * A part of W on the right of a product.
     *
     * @param type of the product
     * @param from its first row of W
     * @param width its rows of W
     * @param packed address in that layout, or 0 where the best layout is row-major
     */
    private record Right(CpuWeight w, DType type, OneDnn.Layout layout, int from, int width, long packed) {}

    /**
     * y ← (or +=) x Wᵀ for a part of W.
     *
     * @param stride elements from row to row of y
     * @param upper whether x are the upper bytes of activations, whose product is added to that of the lower ones
     */
    private void multiply(int slot, Right right, long x, int m, long y, int stride, boolean upper) {
        CpuWeight w = right.w;
        DType type = right.type;
        int k = w.in();
        LongSupplier rows = () -> w.productRows(type) + (long) type.bytes() * right.from * k;
        OneDnn.Layout layout = right.packed == 0 ? OneDnn.Layout.ROWS : right.layout;
        long scales = upper ? w.upperScales(right.from) : w.scales(right.from);
        for (int row = 0, count; row < m; row += count) {
            count = rowsAtOnce(m - row, w);
            OneDnn.Shape shape = new OneDnn.Shape(type, count, right.width, k, layout, k, k, stride, upper);
            long input = x + (long) type.bytes() * row * k;
            oneDnn.multiply(slot, shape, input, right.packed, rows, scales, y + 4L * row * stride);
        }
    }

    /** y += the product of the gathered upper bytes of activations and the same columns of a part of W. */
    private void multiplyGathered(int slot, Right right, int gathered, int m, long y, int stride) {
        CpuWeight w = right.w;
        long columns = blocks[slot].atLeast((long) right.width * gathered);
        activations.gatherRows(columns, gathered, w.rows() + (long) right.from * w.in(), right.width);
        for (int row = 0, count; row < m; row += count) {
            count = rowsAtOnce(m - row, w);
            OneDnn.Shape shape = new OneDnn.Shape(
                    DType.I8, count, right.width, gathered, OneDnn.Layout.ROWS, gathered, gathered, stride, true);
            long input = activations.gathered() + (long) row * gathered;
            oneDnn.multiply(slot, shape, input, 0, () -> columns, w.upperScales(right.from), y + 4L * row * stride);
        }
    }

    /**
     * Turns sums of integers into the results: rows times their scales, plus the bias if there is one. A product in I8
     * has multiplied the columns by theirs.
     *
     * @param stride elements from row to row of y
     */
    private void scale(long y, int stride, int m, int width, DType type, long columnScales, long bias) {
        for (int row = 0; row < m; row++) {
            long at = y + 4L * row * stride;
            if (type != DType.I8) {
                Int8Rows.multiply(at, at, columnScales, width);
            }
            Int8Rows.scale(at, width, activations.step(row), bias);
        }
    }

    /**
     * dx [m, in] ← (or +=) dy [m, out] W.
     *
     * @param quantise whether an I8 weight quantises dy, too
     */
    void backward(long dx, long dy, int m, CpuWeight w, boolean accumulate, boolean quantise) {
        if (w.dtype() == DType.I8) {
            backwardInt8(dx, dy, m, w, accumulate, quantise);
            return;
        }
        DType type = m >= WIDENED_ROWS && widens(w) ? DType.F32 : productType(w.dtype());
        int k = w.out();
        int n = w.in();
        long input = input(dy, (long) m * k, w.dtype(), type);
        int[] starts = parts(n, k, pool.threads());
        pool.tasks(starts.length - 1, (long) m * n * k >= WORTHWHILE, (part, slot) -> {
            int from = starts[part];
            int width = starts[part + 1] - from;
            if (type != w.dtype()) {
                backwardWidened(slot, dx, input, m, w, from, width, accumulate);
                return;
            }
            long rows = w.rows() + (long) type.bytes() * from;
            for (int row = 0, count; row < m; row += count) {
                count = rowsAtOnce(m - row, w);
                OneDnn.Shape shape =
                        new OneDnn.Shape(type, count, width, k, OneDnn.Layout.COLUMNS, k, n, n, accumulate);
                long at = dx + 4L * ((long) row * n + from);
                oneDnn.multiply(slot, shape, input + (long) type.bytes() * row * k, 0, () -> rows, 0, at);
            }
        });
    }

    /** dx ← (or +=) dy W for {@code width} columns of a BF16 weight, widened block by block. */
    private void backwardWidened(
            int slot, long dx, long dy, int m, CpuWeight w, int from, int width, boolean accumulate) {
        int n = w.in();
        for (int column = from, columns; column < from + width; column += columns) {
            columns = Math.min(BLOCK_COLUMNS, from + width - column);
            for (int row = 0, count; row < m; row += count) {
                count = rowsAtOnce(m - row, w);
                long x = dy + 4L * row * w.out();
                long at = dx + 4L * ((long) row * n + column);
                multiplyWidened(slot, DType.F32, x, count, w, column, columns, at, n, accumulate);
            }
        }
    }

    /**
     * The same for an I8 weight. With W = diag(scales)·Q it is (dy·diag(scales))·Q, whose left side may be quantised by
     * row as activations are (Wortsman et al., 2023, SwitchBack). Where it isn't, or there are no products of bytes, Q is
     * widened block by block into memory that stays in the cache: bfloat16 and f32 hold it exactly.
     */
    private void backwardInt8(long dx, long dy, int m, CpuWeight w, boolean accumulate, boolean quantise) {
        DType type = quantise ? productType(DType.I8) : widened();
        int k = w.out();
        int n = w.in();
        long input = scaledGradients(dy, m, k, w.scales(0), type, quantise);
        long ones = ones(n);
        int[] starts = parts(n, k, pool.threads());
        pool.tasks(starts.length - 1, (long) m * n * k >= WORTHWHILE, (part, slot) -> {
            int most = type == DType.I8 ? INT8_COLUMNS : BLOCK_COLUMNS;
            for (int from = starts[part]; from < starts[part + 1]; from += most) {
                int width = Math.min(most, starts[part + 1] - from);
                for (int row = 0, count; row < m; row += count) {
                    count = rowsAtOnce(m - row, w);
                    long sums = slotSums[slot].atLeast(4L * count * width);
                    long x = input + (long) type.bytes() * row * k;
                    if (type == DType.I8) {
                        long right = w.rows() + from;
                        OneDnn.Shape shape =
                                new OneDnn.Shape(type, count, width, k, OneDnn.Layout.COLUMNS, k, n, width, false);
                        oneDnn.multiply(slot, shape, x, 0, () -> right, ones, sums);
                    } else {
                        multiplyWidened(slot, type, x, count, w, from, width, sums, width, false);
                    }
                    for (int i = 0; i < count; i++) {
                        long to = dx + 4L * ((long) (row + i) * n + from);
                        float scale = Vec.getFloat(rowScales.address() + 4L * (row + i));
                        if (accumulate) {
                            Rows.axpy(to, scale, sums + 4L * i * width, width);
                        } else {
                            Int8Rows.scaled(to, sums + 4L * i * width, width, scale);
                        }
                    }
                }
            }
        });
    }

    /**
     * y [count, width] ← (or +=) x [count, out] · W, columns from {@code from} on, as integers where W is I8, in a type
     * that holds all its numbers.
     *
     * @param stride elements from row to row of y
     */
    private void multiplyWidened(
            int slot,
            DType type,
            long x,
            int count,
            CpuWeight w,
            int from,
            int width,
            long y,
            int stride,
            boolean accumulate) {
        int k = w.out();
        long block = blocks[slot].atLeast((long) BLOCK_ROWS * BLOCK_COLUMNS * type.bytes());
        for (int first = 0; first < k; first += BLOCK_ROWS) {
            int depth = Math.min(BLOCK_ROWS, k - first);
            for (int i = 0; i < depth; i++) {
                w.widen(block + (long) type.bytes() * i * width, type, first + i, from, width);
            }
            boolean add = accumulate || first > 0;
            OneDnn.Shape shape =
                    new OneDnn.Shape(type, count, width, depth, OneDnn.Layout.COLUMNS, k, width, stride, add);
            oneDnn.multiply(slot, shape, x + (long) type.bytes() * first, 0, () -> block, 0, y);
        }
    }

    /** dy with its columns multiplied by the scales, in a type; what its rows are to be scaled by goes to {@link #rowScales}. */
    private long scaledGradients(long dy, int m, int k, long scales, DType type, boolean quantise) {
        long to = rounded.atLeast((long) m * k * type.bytes());
        long rows = rowScales.atLeast(4L * m);
        pool.tasks(Math.ceilDiv(m, GRADIENT_ROWS), (long) m * k >= QUANTISED_GRAIN, (task, slot) -> {
            long row = slotSums[slot].atLeast(4L * k);
            for (int r = task * GRADIENT_ROWS; r < Math.min(m, (task + 1) * GRADIENT_ROWS); r++) {
                long at = to + (long) r * k * type.bytes();
                float scale = 1;
                Int8Rows.multiply(row, dy + 4L * r * k, scales, k);
                if (quantise) {
                    scale = Int8Rows.quantise(at, type, row, k);
                } else {
                    Convert.stored(at, type, row, DType.F32, k);
                }
                Vec.setFloat(rows + 4L * r, scale);
            }
        });
        return to;
    }

    /** At least n ones: products of bytes scale their columns, and those of gradients have nothing to scale. */
    private long ones(int n) {
        if (ones.bytes() < 4L * n) {
            Rows.fill(ones.atLeast(4L * n), n + n / 4, 1);
        }
        return ones.address();
    }

    /**
     * How many of the rows that are left the next product takes. A product is compiled for its number of rows, which
     * takes longer than many a product with a small weight; such a weight stays in the cache from one product to the
     * next, so that a few numbers of rows can serve all.
     */
    private static int rowsAtOnce(int left, CpuWeight w) {
        if ((long) w.out() * w.in() > SMALL_WEIGHT) {
            return Math.min(ROWS_AT_ONCE, left);
        }
        return left < FEW_ROWS ? left : Math.min(MANY_ROWS, Integer.highestOneBit(left));
    }

    /** The type that stands for that of a weight on this CPU: it holds the same numbers, in more bits. */
    private DType productType(DType type) {
        return switch (type) {
            case BF16 -> oneDnn.bf16() ? DType.BF16 : DType.F32;
            case I8 -> oneDnn.int8() ? DType.I8 : productType(DType.BF16);
            default -> type;
        };
    }

    /** Whether products of many rows widen a part of W at a time to f32, which is what this CPU is faster in. */
    private boolean widens(CpuWeight w) {
        return w.dtype() == DType.BF16 && f32IsFaster.getAsBoolean();
    }

    /** What many rows are multiplied fastest in, of the types that hold the integers of an I8 weight. */
    private DType widened() {
        return f32IsFaster.getAsBoolean() ? DType.F32 : productType(DType.BF16);
    }

    /** The activations for a weight of a type as a product wants them: as they are, or rounded to bfloat16. */
    private long input(long x, long count, DType weight, DType product) {
        if (weight == DType.F32) {
            return x;
        }
        boolean narrow = product == DType.BF16;
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
        activations.close();
        rounded.free();
        rowScales.free();
        ones.free();
        for (int slot = 0; slot < blocks.length; slot++) {
            blocks[slot].free();
            slotSums[slot].free();
        }
    }
}

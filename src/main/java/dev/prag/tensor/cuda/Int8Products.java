package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.Tensor;

/**
 * Products with I8 weights, as {@link dev.prag.tensor.Int8} says: rows are quantised on the device, their integers
 * multiplied by cuBLAS with exact sums in i32, and the sums scaled.
 *
 * <p>Rows of activations have two bytes: both are rows of one product, the upper ones behind the lower ones, so that W is
 * read once. cuBLAS multiplies integers on tensor cores only where the left matrix is transposed and the right one not,
 * with sides that are multiples of 16, and more than 16 columns of the result: hence the padding, and a transposed copy of
 * W, made anew for each backward product, which costs far less than a product of many rows.
 */
final class Int8Products {
    private static final String QUANTISE = "quantise";
    private static final String PRODUCTS = "products";

    /** Products of two bytes that a sum in i32 holds in any case: 2³¹ / (128·127), rounded down to a multiple of 16. */
    private static final int MOST_TERMS = 1 << 17;

    /** Sums that are made before they are scaled. */
    private static final long MOST_SUMS = 1L << 24;

    private static final int FEWEST_ROWS = 32;
    private static final int ROWS_MULTIPLE = 8;
    private static final int WARP = 32;

    /** Elements of a head that are widened at once. */
    private static final long WIDENED = 1L << 25;

    /** What their rows are a multiple of. */
    private static final int WIDENED_ROWS = 64;

    private final Core core;
    private final Room integers;
    private final Room scales;
    private final Room sums;
    /** A transposed weight, or a part of a head in bf16. */
    private final Room weight;

    Int8Products(Core core) {
        this.core = core;
        integers = new Room(core.pool());
        scales = new Room(core.pool());
        sums = new Room(core.pool());
        weight = new Room(core.pool());
    }

    /** y ← step·scale·Σ qx·qw (+ bias). */
    void forward(Tensor y, Tensor x, CudaWeight w, Tensor bias) {
        int stride = w.paddedIn();
        int atOnce = rowsAtOnce(x.rows(), 2L * w.paddedOut());
        for (int row = 0; row < x.rows(); row += atOnce) {
            int rows = Math.min(atOnce, x.rows() - row);
            int padded = padded(2 * rows);
            long lower = integers.atLeast((long) padded * stride);
            long steps = scales.atLeast(4L * rows);
            if (rows < x.rows() || !core.rounded().isQuantised(x)) {
                core.rounded().forgetQuantised();
                core.rows(QUANTISE, "quantise_activations", rows)
                        .block(threads(x.cols()))
                        .pointer(lower)
                        .pointer(lower + (long) rows * stride)
                        .pointer(steps)
                        .pointer(Core.at(x) + 4L * row * x.cols())
                        .integer(x.cols())
                        .integer(stride)
                        .go();
                if (rows == x.rows()) {
                    core.rounded().quantised(x);
                }
            }
            long to = core.out(y) + 4L * row * y.cols();
            for (int term = 0; term < stride; term += MOST_TERMS) {
                int terms = Math.min(MOST_TERMS, stride - term);
                long of = multiply(w.rows() + term, stride, w.paddedOut(), lower + term, stride, padded, terms);
                boolean last = term + terms == stride;
                core.columns(PRODUCTS, "of_activations", rows, y.cols())
                        .pointer(to)
                        .pointer(of)
                        .pointer(steps)
                        .pointer(w.scales(0))
                        .pointer(last ? Core.at(bias) : 0)
                        .integer(y.cols())
                        .integer(w.paddedOut())
                        .integer(term > 0 ? 1 : 0)
                        .go();
            }
        }
    }

    /** dx ← (or +=) scale·(the integers of dy·diag(scales of W))·Q. */
    void backward(Tensor dx, Tensor dy, CudaWeight w, boolean accumulate) {
        core.rounded().forgetQuantised();
        int stride = w.paddedOut();
        long transposed = transposed(w);
        int atOnce = rowsAtOnce(dy.rows(), w.paddedIn());
        for (int row = 0; row < dy.rows(); row += atOnce) {
            int rows = Math.min(atOnce, dy.rows() - row);
            int padded = padded(rows);
            long quantised = integers.atLeast((long) padded * stride);
            long rowScales = scales.atLeast(4L * rows);
            core.rows(QUANTISE, "quantise_gradients", rows)
                    .block(threads(dy.cols()))
                    .pointer(quantised)
                    .pointer(rowScales)
                    .pointer(Core.at(dy) + 4L * row * dy.cols())
                    .pointer(w.scales(0))
                    .integer(dy.cols())
                    .integer(stride)
                    .go();
            long to = core.out(dx) + 4L * row * dx.cols();
            for (int term = 0; term < stride; term += MOST_TERMS) {
                int terms = Math.min(MOST_TERMS, stride - term);
                long of = multiply(transposed + term, stride, w.paddedIn(), quantised + term, stride, padded, terms);
                core.columns(PRODUCTS, "of_gradients", rows, dx.cols())
                        .pointer(to)
                        .pointer(of)
                        .pointer(rowScales)
                        .integer(dx.cols())
                        .integer(w.paddedIn())
                        .integer(accumulate || term > 0 ? 1 : 0)
                        .go();
            }
        }
    }

    /**
     * dx ← dlogits·W. The integers of W are exact in bf16, the head being widened part by part; dlogits·diag(scales) is
     * rounded, as it would be for a BF16 head.
     */
    void logitsBackward(Tensor dx, Tensor dlogits, CudaWeight head) {
        core.rounded().forgetQuantised();
        int rows = dlogits.rows();
        int out = head.out();
        int in = head.in();
        int atOnce = (int) Math.clamp(WIDENED / in / WIDENED_ROWS * WIDENED_ROWS, Math.min(WIDENED_ROWS, out), out);
        long part = weight.atLeast(2L * atOnce * in);
        long scaled = integers.atLeast(2L * rows * atOnce);
        long to = core.out(dx);
        for (int from = 0; from < out; from += atOnce) {
            int count = Math.min(atOnce, out - from);
            core.columns(QUANTISE, "scale_columns", rows, count)
                    .pointer(scaled)
                    .pointer(Core.at(dlogits) + 4L * from)
                    .pointer(head.scales(from))
                    .integer(count)
                    .integer(out)
                    .go();
            core.columns(QUANTISE, "int8_to_bf16", count, in)
                    .pointer(part)
                    .pointer(head.row(from))
                    .integer(in)
                    .integer(head.paddedIn())
                    .go();
            core.queue()
                    .product(new Product(
                            false,
                            false,
                            in,
                            rows,
                            count,
                            1,
                            part,
                            Product.BF16,
                            in,
                            0,
                            scaled,
                            Product.BF16,
                            count,
                            0,
                            from == 0 ? 0 : 1,
                            to,
                            Product.F32,
                            in,
                            0,
                            Product.COMPUTE_F32,
                            1));
        }
    }

    private long transposed(CudaWeight w) {
        int out = w.paddedOut();
        int in = w.paddedIn();
        long to = weight.atLeast((long) out * in);
        core.launch(QUANTISE, "transpose_int8")
                .grid(Math.ceilDiv(in, 64), Math.ceilDiv(out, 64))
                .block(Core.THREADS)
                .pointer(to)
                .pointer(w.rows())
                .integer(out)
                .integer(in)
                .go();
        return to;
    }

    /** Sums [rows, m] of the products of bytes, b [rows, terms] · aᵀ, where a [m, terms]. */
    private long multiply(long a, int strideA, int m, long b, int strideB, int rows, int terms) {
        long to = sums.atLeast(4L * rows * m);
        core.queue()
                .product(new Product(
                        true,
                        false,
                        m,
                        rows,
                        terms,
                        1,
                        a,
                        Product.I8,
                        strideA,
                        0,
                        b,
                        Product.I8,
                        strideB,
                        0,
                        0,
                        to,
                        Product.I32,
                        m,
                        0,
                        Product.COMPUTE_I32,
                        1));
        return to;
    }

    private static int rowsAtOnce(int rows, long sumsOfARow) {
        return (int) Math.clamp(
                MOST_SUMS / sumsOfARow / FEWEST_ROWS * FEWEST_ROWS, FEWEST_ROWS, Math.max(FEWEST_ROWS, rows));
    }

    private static int padded(int rows) {
        return Math.max(FEWEST_ROWS, Math.ceilDiv(rows, ROWS_MULTIPLE) * ROWS_MULTIPLE);
    }

    /** Threads for a row of so many elements; a few rows alone don't fill a GPU. */
    private static int threads(int cols) {
        return Math.clamp(Math.ceilDiv(cols, 8 * WARP) * WARP, WARP, 2 * Core.THREADS);
    }

    /** Queues to ← the integers of some rows of F32, and their scales: those of a weight from a row on. */
    static void quantise(Core core, CudaWeight to, int row, int rows, long from, String kernel) {
        core.rows(QUANTISE, kernel, rows)
                .block(threads(to.in()))
                .pointer(to.row(row))
                .pointer(to.scales(row))
                .pointer(from)
                .integer(to.in())
                .integer(to.paddedIn())
                .go();
    }

    /** Queues zeros for the rows behind those of an I8 weight. */
    static void pad(Core core, CudaWeight w) {
        int rows = w.paddedOut() - w.out();
        if (w.dtype() == DType.I8 && rows > 0) {
            core.queue().fill(w.row(w.out()), 0, (long) rows * w.paddedIn() / 4);
        }
    }
}

package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.Lab.Twin;
import dev.prag.tensor.Lab.TwinWeight;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Products with frozen weights. */
interface ProductsContract extends Contract {
    /** Rows, in, out. */
    List<int[]> PRODUCTS = List.of(
            new int[] {1, 1, 1},
            new int[] {1, 16, 32},
            new int[] {1, 300, 257},
            new int[] {3, 17, 5},
            new int[] {7, 33, 65},
            new int[] {16, 64, 128},
            new int[] {33, 96, 48},
            new int[] {130, 31, 70},
            new int[] {40, 256, 600});

    /** The types in which products are computed. */
    List<DType> COMPUTE = List.of(DType.F32, DType.BF16, DType.I8);

    @Test
    default void matmulMultipliesByTheTranspose() {
        try (Lab lab = lab(40)) {
            TwinWeight w = lab.weight(DType.F32, 2, 3, DType.F32, 1, 2, 3, 4, 5, 6);
            Twin x = lab.floats(1, 3, 1, 10, 100);
            Twin bias = lab.floats(1, 2, 0.5f, -0.5f);
            Twin y = lab.normal(1, 2);
            lab.run(side -> side.device().matmul(side.of(y), side.of(x), side.of(w), side.of(bias)));
            assertArrayEquals(new float[] {321.5f, 653.5f}, lab.read(y));
            Twin dx = lab.floats(1, 3, 1, 1, 1);
            Twin dy = lab.floats(1, 2, 1, 10);
            lab.run(side -> side.device().matmulBackward(side.of(dx), side.of(dy), side.of(w), true));
            assertArrayEquals(new float[] {42, 53, 64}, lab.read(dx));
        }
    }

    @Test
    default void matmulForwardAndBackward() {
        for (DType stored : List.of(DType.F32, DType.BF16, DType.F16)) {
            for (DType compute : COMPUTE) {
                // the file's type decides how a weight is read, not how it is multiplied
                for (int[] shape : stored == DType.BF16 ? PRODUCTS : PRODUCTS.subList(0, 5)) {
                    products(stored, compute, shape[0], shape[1], shape[2]);
                }
            }
        }
    }

    /** Larger than what the backward product of an int8 weight takes at once, and sums beyond 2^24. */
    @Test
    default void largeProductsOfInt8() {
        products(DType.BF16, DType.I8, 1, 4100, 70);
        products(DType.BF16, DType.I8, 5, 520, 2100);
    }

    /** Rows and scales that can be computed by hand; ties go to the even integer. */
    @Test
    default void int8MultipliesRoundedIntegers() {
        try (Lab lab = lab(45)) {
            TwinWeight w = lab.weight(DType.F32, 3, 4, DType.I8, 127, -63.5f, 0.5f, 1.5f, 0, 0, 0, 0, 254, 127, 1, -3);
            Twin x = lab.floats(2, 4, 2, 4, 254, 1, 0, 0, 0, 0);
            Twin bias = lab.floats(1, 3, 0.5f, -0.5f, 0);
            Twin y = lab.normal(2, 3);
            lab.run(side -> side.device().matmul(side.of(y), side.of(x), side.of(w), side.of(bias)));
            // rows of W: 1·(127, -64, 0, 2), 0, 2·(127, 64, 0, -2); rows of x: 2·(1, 2, 127, 0), 0
            assertArrayEquals(new float[] {2 * -1 + 0.5f, -0.5f, 4 * 255, 0.5f, -0.5f, 0}, lab.read(y));
            Twin values = lab.normal(3, 4);
            Twin ids = lab.ints(3, 1, 0, 1, 2);
            lab.run(side -> side.device().embed(side.of(values), side.of(w), side.of(ids)));
            assertArrayEquals(new float[] {127, -64, 0, 2, 0, 0, 0, 0, 254, 128, 0, -4}, lab.read(values));
            Twin dx = lab.floats(1, 4, 1, 1, 1, 1);
            // times the scales of the rows of W, rounded: 1·(127, 0, 5)
            Twin dy = lab.floats(1, 3, 127, 10, 2.3f);
            lab.run(side -> side.device().matmulBackward(side.of(dx), side.of(dy), side.of(w), true));
            assertArrayEquals(new float[] {16765, -7807, 1, 245}, lab.read(dx));
        }
    }

    /** Channels that are hundreds of times as large as the others leave these their precision, few rows or many. */
    @Test
    default void int8KeepsWhatStandsBesideOutliers() {
        for (int[] shape : new int[][] {{1, 640, 70}, {5, 257, 64}, {40, 512, 130}, {300, 640, 128}, {40, 258, 65}}) {
            int rows = shape[0];
            int in = shape[1];
            int out = shape[2];
            try (Lab lab = lab(48)) {
                float[] weights = lab.normals(out * in);
                float[] values = lab.normals(rows * in);
                for (int r = 0; r < rows; r++) {
                    // the second row has none
                    values[r * in + 3] *= r == 1 ? 1 : 10;
                    values[r * in + 3 + r % 5 * 11] *= r == 1 ? 1 : 30;
                }
                for (int o = 0; o < out; o++) {
                    // their product with W is left out of what is compared with exact numbers
                    for (int outlier = 3; outlier < 50; outlier += 11) {
                        weights[o * in + outlier] = 0;
                    }
                }
                TwinWeight w = lab.weight(DType.F32, out, in, DType.I8, weights);
                TwinWeight exact = lab.weight(DType.F32, out, in, DType.F32, weights);
                TwinWeight dense = lab.weight(DType.F32, out, in, DType.I8);
                Twin x = lab.floats(rows, in, values);
                Twin y = lab.normal(rows, out);
                Twin expected = lab.normal(rows, out);
                Twin all = lab.normal(rows, out);
                Twin bias = lab.normal(1, out);
                lab.run(side -> {
                    side.device().matmul(side.of(y), side.of(x), side.of(w), null);
                    side.device().matmul(side.of(expected), side.of(x), side.of(exact), null);
                    side.device().matmul(side.of(all), side.of(x), side.of(dense), side.of(bias));
                });
                lab.near(y, Lab.F32);
                lab.near(all, Lab.F32);
                // steps of .05 to .2 beside numbers around 1; with one scale of a row they would be 3
                Lab.near(lab.read(expected), lab.read(y), out, 0.15);
            }
        }
    }

    /** Beside a label's entry the many small ones of a row of logits' gradients are not rounded to nothing. */
    @Test
    default void gradientsOfLogitsKeepWhatIsSmall() {
        try (Lab lab = lab(47)) {
            int vocab = 400;
            float[] ones = new float[vocab];
            Arrays.fill(ones, 1);
            TwinWeight head = lab.weight(DType.F32, vocab, 1, DType.I8, ones);
            float[] gradients = new float[vocab];
            Arrays.fill(gradients, 1f / (vocab - 1));
            gradients[7] = -1;
            Twin dlogits = lab.floats(1, vocab, gradients);
            Twin dx = lab.normal(1, 1);
            lab.run(side -> side.device().logitsBackward(side.of(dx), side.of(dlogits), side.of(head)));
            assertEquals(0, lab.read(dx)[0], 5e-3);
        }
    }

    /** A row that holds no number must not look like one that does. */
    @Test
    default void int8KeepsNaN() {
        try (Lab lab = lab(46)) {
            TwinWeight w = lab.weight(DType.F32, 5, 40, DType.I8);
            Twin x = lab.normal(2, 40);
            float[] values = lab.read(x);
            values[33] = Float.NaN;
            lab.run(side -> side.device().write(side.of(x), values));
            Twin y = lab.normal(2, 5);
            lab.run(side -> side.device().matmul(side.of(y), side.of(x), side.of(w), null));
            assertArrayEquals(
                    new float[] {Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN}, Arrays.copyOf(lab.read(y), 5));
            lab.near(y.rows(1, 1), Lab.F32);
        }
    }

    private void products(DType stored, DType compute, int rows, int in, int out) {
        // both devices quantise alike, and sums of integers are exact
        double tolerance = compute == DType.BF16 ? Lab.BF16 : Lab.F32;
        try (Lab lab = lab(41)) {
            TwinWeight w = lab.weight(stored, out, in, compute);
            Twin x = lab.normal(rows, in);
            Twin bias = lab.normal(1, out);
            Twin y = lab.normal(rows, out);
            Twin biased = lab.normal(rows, out);
            Twin dy = lab.normal(rows, out);
            Twin dx = lab.normal(rows, in);
            Twin accumulated = lab.normal(rows, in);
            Twin ofLogits = lab.normal(rows, in);
            lab.run(side -> {
                Device device = side.device();
                device.matmul(side.of(y), side.of(x), side.of(w), null);
                device.matmul(side.of(biased), side.of(x), side.of(w), side.of(bias));
                device.matmulBackward(side.of(dx), side.of(dy), side.of(w), false);
                device.matmulBackward(side.of(accumulated), side.of(dy), side.of(w), true);
                device.logitsBackward(side.of(ofLogits), side.of(dy), side.of(w));
            });
            lab.near(y, tolerance);
            lab.near(biased, tolerance);
            lab.near(dx, tolerance);
            lab.near(accumulated, tolerance);
            lab.near(ofLogits, compute == DType.F32 ? Lab.F32 : Lab.BF16);
            lab.same(x);
            lab.same(dy);
        }
    }

    @Test
    default void aRowsProductDependsOnNoOtherRow() {
        for (DType compute : COMPUTE) {
            try (Lab lab = lab(42)) {
                Device device = lab.device();
                Weight w = lab.weight(DType.BF16, 96, 128, compute).tested();
                Tensor x = lab.normal(40, 128).tested();
                Tensor y = lab.normal(40, 96).tested();
                Tensor dx = lab.normal(40, 128).tested();
                device.matmul(y, x, w, null);
                device.matmulBackward(dx, y, w, false);
                for (int[] part : new int[][] {{0, 1}, {7, 1}, {5, 16}, {3, 33}}) {
                    Tensor aloneY = lab.normal(part[1], 96).tested();
                    Tensor aloneDx = lab.normal(part[1], 128).tested();
                    device.matmul(aloneY, x.rows(part[0], part[1]), w, null);
                    // both sums round the same bf16 inputs, so only the order of additions may differ
                    Lab.near(device.read(y.rows(part[0], part[1])), device.read(aloneY), 96, Lab.F32);
                    device.matmulBackward(aloneDx, y.rows(part[0], part[1]), w, false);
                    Lab.near(device.read(dx.rows(part[0], part[1])), device.read(aloneDx), 128, Lab.F32);
                }
            }
        }
    }

    @Test
    default void repeatedProductsAreTheSameToTheBit() {
        for (DType compute : COMPUTE) {
            try (Lab lab = lab(43)) {
                Device device = lab.device();
                Weight w = lab.weight(DType.BF16, 96, 128, compute).tested();
                Tensor x = lab.normal(20, 128).tested();
                Tensor y = lab.normal(20, 96).tested();
                device.matmul(y, x, w, null);
                float[] first = device.read(y);
                device.matmul(y, x, w, null);
                assertArrayEquals(first, device.read(y));
            }
        }
    }

    @Test
    default void productsOfTheWrongShapeAreRefused() {
        try (Lab lab = lab(44)) {
            Device device = lab.device();
            Weight w = lab.weight(DType.F32, 6, 4, DType.F32).tested();
            Tensor x = lab.normal(3, 4).tested();
            Tensor y = lab.normal(3, 6).tested();
            refused(() -> device.matmul(y, y, w, null));
            refused(() -> device.matmul(x, x, w, null));
            refused(() -> device.matmul(y, x.rows(0, 2), w, null));
            refused(() -> device.matmul(y, x, w, lab.normal(1, 4).tested()));
            refused(() -> device.matmul(y, x, w, lab.normal(6, 1).tested()));
            refused(() -> device.matmul(y, lab.twin(DType.BF16, 3, 4).tested(), w, null));
            refused(() -> device.matmulBackward(y, x, w, false));
            refused(() -> device.matmulBackward(x.rows(0, 2), y, w, true));
            refused(() -> device.logitsBackward(y, x, w));
        }
    }
}

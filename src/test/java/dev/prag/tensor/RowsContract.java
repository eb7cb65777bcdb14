package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.Lab.Twin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operations on rows alone: moving, adding, normalising, rotating, gating. */
interface RowsContract extends Contract {
    List<int[]> SHAPES = List.of(
            new int[] {1, 1}, new int[] {1, 16}, new int[] {3, 17}, new int[] {5, 33}, new int[] {2, 128}, new int[] {
                67, 100
            });

    @Test
    default void gatherTakesRowsInAnyOrder() {
        try (Lab lab = lab(20)) {
            Twin x = lab.normal(9, 21);
            Twin out = lab.normal(4, 21);
            int[] rows = {8, 0, 3, 3};
            lab.run(side -> side.device().gatherRows(side.of(out), side.of(x), rows));
            lab.same(out);
            lab.same(x);
        }
    }

    @Test
    default void scatterAddsToItsRowsOnly() {
        try (Lab lab = lab(21)) {
            Twin x = lab.normal(3, 21);
            Twin out = lab.normal(9, 21);
            int[] rows = {8, 0, 3};
            lab.run(side -> side.device().scatterAddRows(side.of(out), side.of(x), rows));
            lab.same(out);
        }
    }

    @Test
    default void addAddsEveryElement() {
        for (int[] shape : SHAPES) {
            try (Lab lab = lab(22)) {
                Twin y = lab.normal(shape[0], shape[1]);
                Twin x = lab.normal(shape[0], shape[1]);
                lab.run(side -> side.device().add(side.of(y), side.of(x)));
                lab.same(y);
            }
        }
    }

    @Test
    default void rmsNormDividesByTheRootMeanSquare() {
        try (Lab lab = lab(23)) {
            Twin x = lab.floats(2, 2, 3, 4, 0, 0);
            Twin gain = lab.floats(1, 2, 1, 10);
            Twin out = lab.normal(2, 2);
            lab.run(side -> side.device().rmsNorm(side.of(out), side.of(x), side.of(gain), 1e-6f));
            float root = (float) Math.sqrt(12.5);
            assertArrayEquals(new float[] {3 / root, 40 / root, 0, 0}, lab.read(out), 1e-5f);
        }
    }

    @Test
    default void rmsNormForwardAndBackward() {
        for (int[] shape : SHAPES) {
            for (float eps : new float[] {1e-6f, 0.5f}) {
                try (Lab lab = lab(24)) {
                    Twin x = lab.normal(shape[0], shape[1]);
                    Twin gain = lab.normal(1, shape[1]);
                    Twin out = lab.normal(shape[0], shape[1]);
                    Twin dout = lab.normal(shape[0], shape[1]);
                    Twin dx = lab.normal(shape[0], shape[1]);
                    lab.run(side -> {
                        side.device().rmsNorm(side.of(out), side.of(x), side.of(gain), eps);
                        side.device().rmsNormBackward(side.of(dx), side.of(dout), side.of(x), side.of(gain), eps);
                    });
                    lab.near(out, Lab.F32);
                    lab.near(dx, Lab.F32);
                    lab.same(x);
                    lab.same(dout);
                }
            }
        }
    }

    @Test
    default void ropeForwardAndBackward() {
        int[][] shapes = {{1, 1, 2}, {3, 2, 6}, {5, 3, 16}, {4, 2, 34}, {9, 2, 64}, {2, 1, 128}};
        for (int[] shape : shapes) {
            try (Lab lab = lab(25)) {
                int headDim = shape[2];
                Twin x = lab.normal(shape[0], shape[1] * headDim);
                Twin positions = lab.column(shape[0], 50);
                float[][] angles = angles(50, headDim / 2);
                Twin cos = lab.floats(50, headDim / 2, angles[0]);
                Twin sin = lab.floats(50, headDim / 2, angles[1]);
                float[] before = lab.read(x);
                lab.run(side ->
                        side.device().rope(side.of(x), side.of(positions), side.of(cos), side.of(sin), headDim));
                lab.near(x, Lab.F32);
                lab.run(side -> side.device()
                        .ropeBackward(side.of(x), side.of(positions), side.of(cos), side.of(sin), headDim));
                lab.near(x, Lab.F32);
                Lab.near(before, lab.read(x), x.plain().cols(), Lab.F32);
            }
        }
    }

    private static float[][] angles(int positions, int half) {
        float[][] angles = new float[2][positions * half];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * Math.pow(10000, -(double) i / half);
                angles[0][p * half + i] = (float) Math.cos(angle);
                angles[1][p * half + i] = (float) Math.sin(angle);
            }
        }
        return angles;
    }

    @Test
    default void ropeTurnsPairsHalfAHeadApart() {
        try (Lab lab = lab(26)) {
            Twin x = lab.floats(1, 4, 1, 2, 3, 4);
            Twin positions = lab.ints(1, 1, 1);
            Twin cos = lab.floats(2, 2, 1, 1, 0, 1);
            Twin sin = lab.floats(2, 2, 0, 0, 1, 0);
            lab.run(side -> side.device().rope(side.of(x), side.of(positions), side.of(cos), side.of(sin), 4));
            assertArrayEquals(new float[] {-3, 2, 1, 4}, lab.read(x));
        }
    }

    @Test
    default void swigluForwardAndBackward() {
        for (int[] shape : SHAPES) {
            try (Lab lab = lab(27)) {
                Twin gate = lab.normal(shape[0], shape[1]);
                Twin up = lab.normal(shape[0], shape[1]);
                Twin out = lab.normal(shape[0], shape[1]);
                Twin dout = lab.normal(shape[0], shape[1]);
                Twin dgate = lab.normal(shape[0], shape[1]);
                Twin dup = lab.normal(shape[0], shape[1]);
                lab.run(side -> {
                    side.device().swiglu(side.of(out), side.of(gate), side.of(up));
                    side.device()
                            .swigluBackward(side.of(dgate), side.of(dup), side.of(dout), side.of(gate), side.of(up));
                });
                lab.near(out, Lab.F32);
                lab.near(dgate, Lab.F32);
                lab.near(dup, Lab.F32);
                lab.same(gate);
                lab.same(up);
                lab.same(dout);
            }
        }
    }

    @Test
    default void swigluMayOverwriteItsArguments() {
        try (Lab lab = lab(28)) {
            Twin out = lab.normal(5, 37);
            Twin gate = lab.normal(5, 37);
            Twin up = lab.normal(5, 37);
            lab.run(side -> side.device().swiglu(side.of(side.tested() ? gate : out), side.of(gate), side.of(up)));
            lab.near(new Twin(gate.tested(), out.plain()), Lab.F32);

            Twin gate2 = lab.normal(5, 37);
            lab.run(side -> side.device().swiglu(side.of(side.tested() ? up : out), side.of(gate2), side.of(up)));
            lab.near(new Twin(up.tested(), out.plain()), Lab.F32);

            Twin up2 = lab.normal(5, 37);
            Twin dout = lab.normal(5, 37);
            Twin dgate = lab.normal(5, 37);
            Twin dup = lab.normal(5, 37);
            lab.run(side -> side.device()
                    .swigluBackward(
                            side.of(dgate),
                            side.of(side.tested() ? dout : dup),
                            side.of(dout),
                            side.of(gate2),
                            side.of(up2)));
            lab.near(dgate, Lab.F32);
            lab.near(new Twin(dout.tested(), dup.plain()), Lab.F32);
        }
    }

    @Test
    default void swigluOfLargeNumbersStaysFinite() {
        try (Lab lab = lab(29)) {
            Twin gate = lab.floats(1, 6, -1000, -90, -20, 20, 90, 1000);
            Twin up = lab.floats(1, 6, 1, 1, 1, 1, 1, 1);
            Twin out = lab.normal(1, 6);
            Twin dgate = lab.normal(1, 6);
            Twin dup = lab.normal(1, 6);
            lab.run(side -> {
                side.device().swiglu(side.of(out), side.of(gate), side.of(up));
                side.device().swigluBackward(side.of(dgate), side.of(dup), side.of(up), side.of(gate), side.of(up));
            });
            float[] expected = {0, 0, -4.1223e-8f, 20, 90, 1000};
            assertArrayEquals(expected, lab.read(out), 1e-4f);
            assertEquals(-4.1223e-8f, lab.read(out)[2], 1e-11f);
            assertArrayEquals(expected, lab.read(dup), 1e-4f);
            assertArrayEquals(new float[] {0, 0, 0, 1, 1, 1}, lab.read(dgate), 1e-5f);
        }
    }

    @Test
    default void aRowAloneGivesWhatItGivesAmongOthers() {
        try (Lab lab = lab(30)) {
            int rows = 13;
            int cols = 72;
            int row = 9;
            Device device = lab.device();
            Tensor x = lab.normal(rows, cols).tested();
            Tensor y = lab.normal(rows, cols).tested();
            Tensor gain = lab.normal(1, cols).tested();
            Tensor out = lab.normal(rows, cols).tested();
            Tensor alone = lab.normal(1, cols).tested();

            device.rmsNorm(out, x, gain, 1e-5f);
            device.rmsNorm(alone, x.rows(row, 1), gain, 1e-5f);
            assertArrayEquals(device.read(out.rows(row, 1)), device.read(alone));
            device.swiglu(out, x, y);
            device.swiglu(alone, x.rows(row, 1), y.rows(row, 1));
            assertArrayEquals(device.read(out.rows(row, 1)), device.read(alone));
            device.fill(out, 0);
            device.fill(alone, 0);
            device.rmsNormBackward(out, y, x, gain, 1e-5f);
            device.rmsNormBackward(alone, y.rows(row, 1), x.rows(row, 1), gain, 1e-5f);
            assertArrayEquals(device.read(out.rows(row, 1)), device.read(alone));

            float[][] angles = angles(20, 12);
            Tensor cos = lab.floats(20, 12, angles[0]).tested();
            Tensor sin = lab.floats(20, 12, angles[1]).tested();
            Tensor positions = lab.column(rows, 20).tested();
            device.copy(alone, x.rows(row, 1));
            device.rope(x, positions, cos, sin, 24);
            device.rope(alone, positions.rows(row, 1), cos, sin, 24);
            assertArrayEquals(device.read(x.rows(row, 1)), device.read(alone));
        }
    }

    @Test
    default void rowsOfTheWrongShapeAreRefused() {
        try (Lab lab = lab(31)) {
            Device device = lab.device();
            Tensor x = lab.normal(3, 8).tested();
            Tensor narrow = lab.normal(3, 7).tested();
            Tensor shorter = lab.normal(2, 8).tested();
            Tensor gain = lab.normal(1, 8).tested();
            Tensor ints = lab.ints(3, 8, new int[24]).tested();
            refused(() -> device.add(x, narrow));
            refused(() -> device.add(x, ints));
            refused(() -> device.gatherRows(shorter, x, new int[] {0, 1, 2}));
            refused(() -> device.gatherRows(shorter, x, new int[] {0, 3}));
            refused(() -> device.gatherRows(shorter, x, new int[] {-1, 2}));
            refused(() -> device.scatterAddRows(x, shorter, new int[] {1, 1}));
            refused(() -> device.scatterAddRows(x, shorter, new int[] {1, 3}));
            refused(() -> device.rmsNorm(x, narrow, gain, 1e-5f));
            refused(() -> device.rmsNorm(x, shorter, gain, 1e-5f));
            refused(() -> device.rmsNorm(x, x, x, 1e-5f));
            refused(() -> device.rmsNormBackward(x, shorter, x, gain, 1e-5f));
            refused(() -> device.swiglu(x, x, narrow));
            refused(() -> device.swiglu(shorter, x, x));
            refused(() -> device.swigluBackward(x, x, shorter, x, x));
            Tensor cos = lab.normal(5, 2).tested();
            Tensor sin = lab.normal(5, 2).tested();
            Tensor positions = lab.column(3, 5).tested();
            refused(() -> device.rope(narrow, positions, cos, sin, 4));
            refused(() -> device.rope(x, positions, cos, sin, 8));
            refused(() -> device.rope(x, positions.rows(0, 2), cos, sin, 4));
            refused(() -> device.rope(x, positions, cos, sin.rows(0, 4), 4));
            refused(() -> device.ropeBackward(x, lab.normal(3, 1).tested(), cos, sin, 4));
        }
    }
}

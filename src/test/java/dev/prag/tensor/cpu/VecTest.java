package dev.prag.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VecTest {
    private static float exp(float x) {
        float[] lanes = new float[Vec.LANES];
        Arrays.fill(lanes, x);
        Vec.exp(lanes, Vec.LANES);
        return lanes[0];
    }

    private static float exp2(float x) {
        float[] lanes = new float[Vec.LANES];
        Arrays.fill(lanes, x);
        Vec.exp2(lanes, 0, Vec.LANES, 0);
        return lanes[0];
    }

    /** n numbers from {@code from} on, evenly apart. */
    private static float[] numbers(float from, int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = from + 0.037f * i;
        }
        return x;
    }

    @Test
    void exponentialsAreRightToTheLastBits() {
        int n = 4720 / Vec.LANES * Vec.LANES;
        float[] x = numbers(-87, n);
        float[] e = x.clone();
        Vec.exp(e, n);
        double worst = 0;
        for (int i = 0; i < n; i++) {
            worst = Math.max(worst, Math.abs(e[i] / Math.exp(x[i]) - 1));
        }
        assertTrue(worst < 1.2e-7, "worst relative error " + worst);
    }

    @Test
    void powersOfTwoAreRightToTheLastBits() {
        int n = 3400 / Vec.LANES * Vec.LANES;
        float[] x = numbers(-126, n);
        float[] e = x.clone();
        Vec.exp2(e, 0, n, 0);
        double worst = 0;
        for (int i = 0; i < n; i++) {
            worst = Math.max(worst, Math.abs(e[i] / Math.pow(2, x[i]) - 1));
        }
        assertTrue(worst < 1.2e-7, "worst relative error " + worst);
        for (float small : new float[] {-127, -1e30f, Float.NEGATIVE_INFINITY}) {
            assertEquals(0x1p-126f, exp2(small));
        }
        assertEquals(1f, exp2(0));
        assertTrue(Float.isNaN(exp2(Float.NaN)));
    }

    @Test
    void exponentialsOfExtremesStayFinite() {
        for (float x : new float[] {Float.NEGATIVE_INFINITY, -1e30f, 1e30f, Float.POSITIVE_INFINITY}) {
            float e = exp(x);
            assertTrue(Float.isFinite(e) && e >= 0, x + " gives " + e);
        }
        assertEquals(1f, exp(0));
    }

    /** What is left behind the last whole vector is computed in other ways than the rest. */
    @Test
    void theRestOfARowIsComputedAsAllElse() {
        Random random = new Random(3);
        int most = 3 * Vec.CHUNK;
        float[] x = new float[most];
        for (int i = 0; i < most; i++) {
            x[i] = (float) random.nextGaussian();
        }
        CpuMemory a = new CpuMemory(4L * most);
        CpuMemory b = new CpuMemory(4L * most);
        CpuMemory out = new CpuMemory(4L * most);
        Convert.fromArray(a.address(), DType.F32, x, most);
        for (int n : new int[] {1, Vec.LANES - 1, Vec.LANES + 1, Vec.CHUNK + 3, most - 1}) {
            Rows.swiglu(out.address(), a.address(), a.address(), n);
            float[] part = floats(out, n);
            Rows.swiglu(out.address(), a.address(), a.address(), most);
            assertArrayEquals(part, floats(out, n), "the gated unit of " + n);
            CpuSampling.scaledExp(out.address(), a.address(), n, 3, 0.7f);
            part = floats(out, n);
            CpuSampling.scaledExp(out.address(), a.address(), most, 3, 0.7f);
            assertArrayEquals(part, floats(out, n), "exponentials of " + n);
            float largest = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                largest = Math.max(largest, x[i]);
            }
            assertEquals(largest, CpuSampling.max(a.address(), n));
            // Zeros behind the row, as many as fill the vector, are part of no sum.
            Rows.fill(b.address(), most, 0);
            Convert.fromArray(b.address(), DType.F32, x, n);
            float whole = Rows.dot(b.address(), b.address(), Tiles.vectors(n));
            assertEquals(whole, Rows.dot(a.address(), a.address(), n), "the sum of " + n);
        }
        a.free();
        b.free();
        out.free();
    }

    private static float[] floats(CpuMemory memory, int n) {
        float[] values = new float[n];
        Convert.toArray(values, memory.address(), DType.F32, n);
        return values;
    }

    @Test
    void roundingToBfloat16IsThatOfASingleNumber() {
        int n = 40 * Vec.LANES + 3;
        float[] values = new float[n];
        Random random = new Random(1);
        for (int i = 0; i < n; i++) {
            values[i] = Float.intBitsToFloat(random.nextInt());
        }
        values[0] = Float.NaN;
        values[1] = 1.00390625f;
        values[2] = Float.MAX_VALUE;
        CpuMemory floats = new CpuMemory(4L * n);
        CpuMemory halves = new CpuMemory(2L * n);
        CpuMemory rounded = new CpuMemory(4L * n);
        Convert.fromArray(floats.address(), DType.F32, values, n);
        Convert.floatsToBf16(halves.address(), floats.address(), n);
        Convert.roundToBf16(rounded.address(), floats.address(), n);
        float[] narrow = new float[n];
        float[] wide = new float[n];
        Convert.toArray(narrow, halves.address(), DType.BF16, n);
        Convert.toArray(wide, rounded.address(), DType.F32, n);
        for (int i = 0; i < n; i++) {
            assertEquals(BFloat16.round(values[i]), narrow[i], "of " + values[i]);
            assertEquals(BFloat16.round(values[i]), wide[i], "of " + values[i]);
        }
        floats.free();
        halves.free();
        rounded.free();
    }

    @Test
    void oneRowTimesBfloat16() {
        int k = 6 * Vec.LANES;
        int n = 11;
        Random random = new Random(2);
        float[] x = new float[k];
        float[] w = new float[n * k];
        for (int i = 0; i < k; i++) {
            x[i] = random.nextFloat() - 0.5f;
        }
        for (int i = 0; i < w.length; i++) {
            w[i] = random.nextFloat() - 0.5f;
        }
        CpuMemory from = new CpuMemory(4L * k);
        CpuMemory matrix = new CpuMemory(2L * n * k);
        CpuMemory to = new CpuMemory(4L * n);
        Convert.fromArray(from.address(), DType.F32, x, k);
        Convert.fromArray(matrix.address(), DType.BF16, w, w.length);
        Bf16Rows rows = new Bf16Rows();
        rows.load(from.address(), k);
        rows.multiply(to.address(), matrix.address(), k, 0, n);
        float[] y = new float[n];
        Convert.toArray(y, to.address(), DType.F32, n);
        for (int r = 0; r < n; r++) {
            double sum = 0;
            for (int i = 0; i < k; i++) {
                sum += (double) BFloat16.round(x[i]) * BFloat16.round(w[r * k + i]);
            }
            assertEquals(sum, y[r], 1e-5);
        }
        from.free();
        matrix.free();
        to.free();
    }
}

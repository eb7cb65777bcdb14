package dev.prag.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VecTest {
    @Test
    void exponentialsAreRightToTheLastBits() {
        float[] x = new float[Vec.LANES];
        double worst = 0;
        for (float from = -87; from < 88; from += 0.037f * Vec.LANES) {
            for (int i = 0; i < x.length; i++) {
                x[i] = from + 0.037f * i;
            }
            FloatVector e = Vec.exp(FloatVector.fromArray(Vec.F, x, 0));
            for (int i = 0; i < x.length; i++) {
                worst = Math.max(worst, Math.abs(e.lane(i) / Math.exp(x[i]) - 1));
            }
        }
        assertTrue(worst < 1.2e-7, "worst relative error " + worst);
    }

    @Test
    void powersOfTwoAreRightToTheLastBits() {
        float[] x = new float[Vec.LANES];
        double worst = 0;
        for (float from = -126; from < -0.037f * Vec.LANES; from += 0.037f * Vec.LANES) {
            for (int i = 0; i < x.length; i++) {
                x[i] = from + 0.037f * i;
            }
            FloatVector e = Vec.exp2(FloatVector.fromArray(Vec.F, x, 0));
            for (int i = 0; i < x.length; i++) {
                worst = Math.max(worst, Math.abs(e.lane(i) / Math.pow(2, x[i]) - 1));
            }
        }
        assertTrue(worst < 1.2e-7, "worst relative error " + worst);
        for (float small : new float[] {-127, -1e30f, Float.NEGATIVE_INFINITY}) {
            assertEquals(
                    0x1p-126f, Vec.exp2(FloatVector.broadcast(Vec.F, small)).lane(0));
        }
        assertEquals(1f, Vec.exp2(FloatVector.zero(Vec.F)).lane(0));
        assertTrue(Float.isNaN(Vec.exp2(FloatVector.broadcast(Vec.F, Float.NaN)).lane(0)));
    }

    @Test
    void exponentialsOfExtremesStayFinite() {
        for (float x : new float[] {Float.NEGATIVE_INFINITY, -1e30f, 1e30f, Float.POSITIVE_INFINITY}) {
            float e = Vec.exp(FloatVector.broadcast(Vec.F, x)).lane(0);
            assertTrue(Float.isFinite(e) && e >= 0, x + " gives " + e);
        }
        assertEquals(1f, Vec.exp(FloatVector.zero(Vec.F)).lane(0));
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

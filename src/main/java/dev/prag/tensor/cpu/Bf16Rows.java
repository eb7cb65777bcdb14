package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.I;
import static dev.prag.tensor.cpu.Vec.LANES;
import static dev.prag.tensor.cpu.Vec.LE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.prag.tensor.BFloat16;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One row of activations times a bfloat16 matrix where the CPU has no such products: reading bfloat16 and widening it
 * here halves the memory traffic, and with it the time, of decoding over f32 weights.
 *
 * <p>A vector of int holds pairs of bfloat16: the odd ones are its upper halves, the even ones its lower halves shifted
 * up. So the activations are kept, for each pair of vectors, as the even ones and then the odd ones.
 */
final class Bf16Rows {
    private static final int STEP = 2 * LANES;
    private static final int UPPER = 0xffff0000;

    private float[] row = new float[0];
    private float[] x = new float[0];

    /** Whether rows of so many elements can be multiplied. */
    static boolean fits(int k) {
        return k % STEP == 0;
    }

    /** Takes the activations: k floats, rounded to bfloat16. */
    void load(long from, int k) {
        row = HeadRows.atLeast(row, k);
        x = HeadRows.atLeast(x, k);
        MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, from, row, 0, k);
        for (int start = 0; start < k; start += STEP) {
            for (int i = 0; i < LANES; i++) {
                x[start + i] = BFloat16.round(row[start + 2 * i]);
                x[start + LANES + i] = BFloat16.round(row[start + 2 * i + 1]);
            }
        }
    }

    /** y[n] ← x · W[n] for the rows [from, to) of W [n, k]. */
    void multiply(long y, long w, int k, int from, int to) {
        int n = from;
        for (; n + 4 <= to; n += 4) {
            four(y + 4L * n, w + 2L * n * k, k);
        }
        for (; n < to; n++) {
            Vec.setFloat(y + 4L * n, one(w + 2L * n * k, k));
        }
    }

    private void four(long y, long w, int k) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        long stride = 2L * k;
        for (int i = 0; i < k; i += STEP) {
            FloatVector even = FloatVector.fromArray(F, x, i);
            FloatVector odd = FloatVector.fromArray(F, x, i + LANES);
            long at = w + 2L * i;
            IntVector pairs = IntVector.fromMemorySegment(I, ALL, at, LE);
            a0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, a0);
            a1 = pairs.and(UPPER).reinterpretAsFloats().fma(odd, a1);
            pairs = IntVector.fromMemorySegment(I, ALL, at + stride, LE);
            b0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, b0);
            b1 = pairs.and(UPPER).reinterpretAsFloats().fma(odd, b1);
            pairs = IntVector.fromMemorySegment(I, ALL, at + 2 * stride, LE);
            c0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, c0);
            c1 = pairs.and(UPPER).reinterpretAsFloats().fma(odd, c1);
            pairs = IntVector.fromMemorySegment(I, ALL, at + 3 * stride, LE);
            d0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, d0);
            d1 = pairs.and(UPPER).reinterpretAsFloats().fma(odd, d1);
        }
        float[] lanes = new float[LANES];
        a0.add(a1).intoArray(lanes, 0);
        Vec.setFloat(y, Vec.sum(lanes));
        b0.add(b1).intoArray(lanes, 0);
        Vec.setFloat(y + 4, Vec.sum(lanes));
        c0.add(c1).intoArray(lanes, 0);
        Vec.setFloat(y + 8, Vec.sum(lanes));
        d0.add(d1).intoArray(lanes, 0);
        Vec.setFloat(y + 12, Vec.sum(lanes));
    }

    private float one(long w, int k) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        for (int i = 0; i < k; i += STEP) {
            IntVector pairs = IntVector.fromMemorySegment(I, ALL, w + 2L * i, LE);
            FloatVector even = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            a0 = even.fma(FloatVector.fromArray(F, x, i), a0);
            a1 = pairs.and(UPPER).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + LANES), a1);
        }
        float[] lanes = new float[LANES];
        a0.add(a1).intoArray(lanes, 0);
        return Vec.sum(lanes);
    }
}

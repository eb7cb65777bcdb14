package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Softmax over a vocabulary and what is read from it, a row at a time. Sums over the vocabulary end in f64. */
final class CpuSampling {
    /** Elements summed in f32 before they are added to an f64 sum. */
    private static final int BLOCK = 4096;

    private CpuSampling() {}

    /** The largest element, NaN left out. */
    static float max(long row, int n) {
        FloatVector m0 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        int i = 0;
        for (; i <= n - 4 * LANES; i += 4 * LANES) {
            m0 = Vec.larger(Vec.load(row + 4L * i), m0);
            m1 = Vec.larger(Vec.load(row + 4L * (i + LANES)), m1);
            m2 = Vec.larger(Vec.load(row + 4L * (i + 2 * LANES)), m2);
            m3 = Vec.larger(Vec.load(row + 4L * (i + 3 * LANES)), m3);
        }
        for (; i < n; i += LANES) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            m0 = m0.blend(Vec.larger(Vec.load(row + 4L * i, mask), m0), mask);
        }
        return Vec.larger(Vec.larger(m0, m1), Vec.larger(m2, m3)).reduceLanes(VectorOperators.MAX);
    }

    /** Σ e^(x - max). */
    static double sumExp(long row, int n, float max) {
        double total = 0;
        for (int start = 0; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            FloatVector sum = FloatVector.zero(F);
            int i = start;
            for (; i <= end - LANES; i += LANES) {
                sum = sum.add(Vec.exp(Vec.load(row + 4L * i).sub(max)));
            }
            if (i < end) {
                VectorMask<Float> mask = F.indexInRange(i, end);
                sum = sum.add(Vec.exp(Vec.load(row + 4L * i, mask).sub(max)), mask);
            }
            total += Vec.sum(sum);
        }
        return total;
    }

    /** Σ e^(factor·(x - max)). */
    static double sumExp(float[] values, int n, float max, float factor) {
        double total = 0;
        int i = 0;
        while (i <= n - LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int end = Math.min(n, i + BLOCK); i <= end - LANES; i += LANES) {
                FloatVector x = FloatVector.fromArray(F, values, i);
                sum = sum.add(Vec.exp(x.sub(max).mul(factor)));
            }
            total += Vec.sum(sum);
        }
        for (; i < n; i++) {
            total += Math.exp(((double) values[i] - max) * factor);
        }
        return total;
    }

    /** ln Σ e^x. */
    static double logSumExp(long row, int n) {
        float max = max(row, n);
        return max + Math.log(sumExp(row, n, max));
    }

    /** out ← factor · e^(x - max); out may be the row. */
    static void scaledExp(long out, long row, int n, float max, float factor) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.exp(Vec.load(row + 4L * i).sub(max)).mul(factor), out + 4L * i);
        }
        if (i < n) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            Vec.store(Vec.exp(Vec.load(row + 4L * i, mask).sub(max)).mul(factor), out + 4L * i, mask);
        }
    }

    /** Entropy of softmax(row) in nats: ln Z - Σ (x - max) e^(x - max) / Z with Z = Σ e^(x - max). */
    static float entropy(long row, int n) {
        float max = max(row, n);
        double z = 0;
        double weighted = 0;
        for (int start = 0; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            FloatVector sum = FloatVector.zero(F);
            FloatVector weightedSum = sum;
            for (int i = start; i < end; i += LANES) {
                VectorMask<Float> mask = F.indexInRange(i, end);
                // Below e^-87 a term is nothing, and infinitely unlikely logits must not become NaN.
                FloatVector x = Vec.load(row + 4L * i, mask).sub(max).max(-200f);
                FloatVector e = Vec.exp(x);
                sum = sum.add(e, mask);
                weightedSum = weightedSum.add(e.mul(x), mask);
            }
            z += Vec.sum(sum);
            weighted += Vec.sum(weightedSum);
        }
        return (float) (Math.log(z) - weighted / z);
    }

    /** A row as an array. */
    static void copy(float[] to, long row, int n) {
        MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, row, to, 0, n);
    }
}

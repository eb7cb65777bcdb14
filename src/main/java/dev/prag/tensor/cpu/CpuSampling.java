package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
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
            FloatVector x = Vec.load(row + 4L * i);
            m0 = x.blend(m0, x.compare(VectorOperators.GT, m0).not());
            x = Vec.load(row + 4L * (i + LANES));
            m1 = x.blend(m1, x.compare(VectorOperators.GT, m1).not());
            x = Vec.load(row + 4L * (i + 2 * LANES));
            m2 = x.blend(m2, x.compare(VectorOperators.GT, m2).not());
            x = Vec.load(row + 4L * (i + 3 * LANES));
            m3 = x.blend(m3, x.compare(VectorOperators.GT, m3).not());
        }
        float max = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            float x = Vec.getFloat(row + 4L * i);
            max = x > max ? x : max;
        }
        return max;
    }

    /** Σ e^(x - max). */
    static double sumExp(long row, int n, float max) {
        float[] x = new float[Vec.CHUNK];
        float[] sum = new float[LANES];
        double total = 0;
        for (int start = 0; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            Arrays.fill(sum, 0);
            for (int i = start; i < end; i += Vec.CHUNK) {
                int count = Math.min(Vec.CHUNK, end - i);
                differences(x, row + 4L * i, count, max);
                exp(x, count);
                add(sum, x, Tiles.vectors(count));
            }
            total += Vec.sum(sum);
        }
        return total;
    }

    /** x ← row - max for n elements. */
    private static void differences(float[] x, long row, int n, float max) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.load(row + 4L * i).sub(max).intoArray(x, i);
        }
        for (; i < n; i++) {
            x[i] = Vec.getFloat(row + 4L * i) - max;
        }
    }

    /** x ← e^x for n elements, and zeros up to the next whole vector. */
    private static void exp(float[] x, int n) {
        int end = Tiles.vectors(n);
        Vec.exp(x, end);
        Arrays.fill(x, n, end, 0f);
    }

    /** Adds the vectors of x[0, end) to a vector of sums. */
    private static void add(float[] sums, float[] x, int end) {
        FloatVector sum = FloatVector.fromArray(F, sums, 0);
        for (int i = 0; i < end; i += LANES) {
            sum = sum.add(FloatVector.fromArray(F, x, i));
        }
        sum.intoArray(sums, 0);
    }

    /** Σ e^(factor·(x - max)). */
    static double sumExp(float[] values, int n, float max, float factor) {
        float[] x = new float[Vec.CHUNK];
        float[] sum = new float[LANES];
        int whole = Vec.bound(n);
        double total = 0;
        for (int start = 0; start < whole; start += BLOCK) {
            int end = Math.min(whole, start + BLOCK);
            Arrays.fill(sum, 0);
            for (int i = start; i < end; i += Vec.CHUNK) {
                int count = Math.min(Vec.CHUNK, end - i);
                for (int j = 0; j < count; j += LANES) {
                    FloatVector.fromArray(F, values, i + j).sub(max).mul(factor).intoArray(x, j);
                }
                Vec.exp(x, count);
                add(sum, x, count);
            }
            total += Vec.sum(sum);
        }
        for (int i = whole; i < n; i++) {
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
        float[] x = new float[Vec.CHUNK];
        for (int i = 0; i < n; i += Vec.CHUNK) {
            int count = Math.min(Vec.CHUNK, n - i);
            differences(x, row + 4L * i, count, max);
            exp(x, count);
            HeadRows.copyOut(out + 4L * i, x, 0, count, factor);
        }
    }

    /** Entropy of softmax(row) in nats: ln Z - Σ (x - max) e^(x - max) / Z with Z = Σ e^(x - max). */
    static float entropy(long row, int n) {
        float max = max(row, n);
        float[] x = new float[Vec.CHUNK];
        float[] e = new float[Vec.CHUNK];
        float[] sum = new float[LANES];
        float[] weightedSum = new float[LANES];
        double z = 0;
        double weighted = 0;
        for (int start = 0; start < n; start += BLOCK) {
            int end = Math.min(n, start + BLOCK);
            Arrays.fill(sum, 0);
            Arrays.fill(weightedSum, 0);
            for (int i = start; i < end; i += Vec.CHUNK) {
                int count = Math.min(Vec.CHUNK, end - i);
                differences(x, row + 4L * i, count, max);
                bound(x, e, Tiles.vectors(count));
                exp(e, count);
                add(sum, e, Tiles.vectors(count));
                addProducts(weightedSum, e, x, Tiles.vectors(count));
            }
            z += Vec.sum(sum);
            weighted += Vec.sum(weightedSum);
        }
        return (float) (Math.log(z) - weighted / z);
    }

    /**
     * Bounds x[0, end) from below, and copies it. Below e^-87 a term is nothing, and infinitely unlikely logits must not
     * become NaN.
     */
    private static void bound(float[] x, float[] copy, int end) {
        for (int i = 0; i < end; i += LANES) {
            FloatVector bounded = FloatVector.fromArray(F, x, i).max(-200f);
            bounded.intoArray(x, i);
            bounded.intoArray(copy, i);
        }
    }

    /** Adds the vectors of e·x, [0, end), to a vector of sums. */
    private static void addProducts(float[] sums, float[] e, float[] x, int end) {
        FloatVector sum = FloatVector.fromArray(F, sums, 0);
        for (int i = 0; i < end; i += LANES) {
            sum = sum.add(FloatVector.fromArray(F, e, i).mul(FloatVector.fromArray(F, x, i)));
        }
        sum.intoArray(sums, 0);
    }

    /** A row as an array. */
    static void copy(float[] to, long row, int n) {
        MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, row, to, 0, n);
    }
}

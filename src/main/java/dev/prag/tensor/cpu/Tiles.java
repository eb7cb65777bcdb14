package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The products inside attention, four rows of queries at a time, on arrays. A row of a head is padded with zeros to a
 * multiple of {@link #WIDTH}; four rows times two vectors of results stay in registers.
 */
final class Tiles {
    /** Rows of a tile. */
    static final int ROWS = 4;

    /** Columns of a tile: two vectors. */
    static final int WIDTH = 2 * LANES;

    private Tiles() {}

    static int padded(int n) {
        return Math.ceilDiv(n, WIDTH) * WIDTH;
    }

    /**
     * Turns rows [n, dim] into panels: for each {@link #WIDTH} rows, dim vectors of their elements side by side. Rows
     * missing in the last panel are zero.
     */
    static void panels(float[] panels, float[] rows, int n, int dim, int stride) {
        int end = padded(n);
        for (int p = 0; p < end; p++) {
            int at = p / WIDTH * dim * WIDTH + p % WIDTH;
            if (p < n) {
                for (int d = 0; d < dim; d++) {
                    panels[at + d * WIDTH] = rows[p * stride + d];
                }
            } else {
                for (int d = 0; d < dim; d++) {
                    panels[at + d * WIDTH] = 0;
                }
            }
        }
    }

    /** s[r, p] ← q[r] · (row p of the panels), for p in [0, padded(n)). */
    static void scores(float[] s, int sStride, float[] q, int qStride, float[] panels, int n, int dim) {
        for (int p = 0; p < n; p += WIDTH) {
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            int at = p * dim;
            for (int d = 0; d < dim; d++, at += WIDTH) {
                FloatVector k0 = FloatVector.fromArray(F, panels, at);
                FloatVector k1 = FloatVector.fromArray(F, panels, at + LANES);
                FloatVector x = FloatVector.broadcast(F, q[d]);
                a0 = x.fma(k0, a0);
                a1 = x.fma(k1, a1);
                x = FloatVector.broadcast(F, q[qStride + d]);
                b0 = x.fma(k0, b0);
                b1 = x.fma(k1, b1);
                x = FloatVector.broadcast(F, q[2 * qStride + d]);
                c0 = x.fma(k0, c0);
                c1 = x.fma(k1, c1);
                x = FloatVector.broadcast(F, q[3 * qStride + d]);
                d0 = x.fma(k0, d0);
                d1 = x.fma(k1, d1);
            }
            a0.intoArray(s, p);
            a1.intoArray(s, p + LANES);
            b0.intoArray(s, sStride + p);
            b1.intoArray(s, sStride + p + LANES);
            c0.intoArray(s, 2 * sStride + p);
            c1.intoArray(s, 2 * sStride + p + LANES);
            d0.intoArray(s, 3 * sStride + p);
            d1.intoArray(s, 3 * sStride + p + LANES);
        }
    }

    /** out[r] ← Σ over p < n of s[r, p] · v[p]. */
    static void weighted(float[] out, float[] s, int sStride, float[] v, int n, int stride) {
        for (int c = 0; c < stride; c += WIDTH) {
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            int at = c;
            for (int p = 0; p < n; p++, at += stride) {
                FloatVector v0 = FloatVector.fromArray(F, v, at);
                FloatVector v1 = FloatVector.fromArray(F, v, at + LANES);
                FloatVector x = FloatVector.broadcast(F, s[p]);
                a0 = x.fma(v0, a0);
                a1 = x.fma(v1, a1);
                x = FloatVector.broadcast(F, s[sStride + p]);
                b0 = x.fma(v0, b0);
                b1 = x.fma(v1, b1);
                x = FloatVector.broadcast(F, s[2 * sStride + p]);
                c0 = x.fma(v0, c0);
                c1 = x.fma(v1, c1);
                x = FloatVector.broadcast(F, s[3 * sStride + p]);
                d0 = x.fma(v0, d0);
                d1 = x.fma(v1, d1);
            }
            a0.intoArray(out, c);
            a1.intoArray(out, c + LANES);
            b0.intoArray(out, stride + c);
            b1.intoArray(out, stride + c + LANES);
            c0.intoArray(out, 2 * stride + c);
            c1.intoArray(out, 2 * stride + c + LANES);
            d0.intoArray(out, 3 * stride + c);
            d1.intoArray(out, 3 * stride + c + LANES);
        }
    }

    /** sums[p] += Σ over r of s[r, p] · q[r], for p < n. */
    static void outer(float[] sums, float[] s, int sStride, float[] q, int n, int stride) {
        for (int c = 0; c < stride; c += WIDTH) {
            FloatVector a0 = FloatVector.fromArray(F, q, c);
            FloatVector a1 = FloatVector.fromArray(F, q, c + LANES);
            FloatVector b0 = FloatVector.fromArray(F, q, stride + c);
            FloatVector b1 = FloatVector.fromArray(F, q, stride + c + LANES);
            FloatVector c0 = FloatVector.fromArray(F, q, 2 * stride + c);
            FloatVector c1 = FloatVector.fromArray(F, q, 2 * stride + c + LANES);
            FloatVector d0 = FloatVector.fromArray(F, q, 3 * stride + c);
            FloatVector d1 = FloatVector.fromArray(F, q, 3 * stride + c + LANES);
            int at = c;
            for (int p = 0; p < n; p++, at += stride) {
                FloatVector x = FloatVector.broadcast(F, s[p]);
                FloatVector s0 = x.fma(a0, FloatVector.fromArray(F, sums, at));
                FloatVector s1 = x.fma(a1, FloatVector.fromArray(F, sums, at + LANES));
                x = FloatVector.broadcast(F, s[sStride + p]);
                s0 = x.fma(b0, s0);
                s1 = x.fma(b1, s1);
                x = FloatVector.broadcast(F, s[2 * sStride + p]);
                s0 = x.fma(c0, s0);
                s1 = x.fma(c1, s1);
                x = FloatVector.broadcast(F, s[3 * sStride + p]);
                x.fma(d0, s0).intoArray(sums, at);
                x.fma(d1, s1).intoArray(sums, at + LANES);
            }
        }
    }

    /**
     * s[at, at + n) ← e^(scale·(s - max)) and zeros up to {@code end}, a multiple of {@link #WIDTH} from {@code at};
     * returns the sum.
     */
    static float exponentials(float[] s, int at, int n, int end, float scale) {
        float max = Float.NEGATIVE_INFINITY;
        int whole = Vec.bound(n);
        if (whole > 0) {
            FloatVector m = FloatVector.fromArray(F, s, at);
            for (int p = LANES; p < whole; p += LANES) {
                m = m.max(FloatVector.fromArray(F, s, at + p));
            }
            max = m.reduceLanes(VectorOperators.MAX);
        }
        for (int p = whole; p < n; p++) {
            max = Math.max(max, s[at + p]);
        }
        FloatVector sum = FloatVector.zero(F);
        for (int p = 0; p < whole; p += LANES) {
            FloatVector e = Vec.exp(FloatVector.fromArray(F, s, at + p).sub(max).mul(scale));
            e.intoArray(s, at + p);
            sum = sum.add(e);
        }
        float total = Vec.sum(sum);
        if (whole < n) {
            FloatVector e =
                    Vec.exp(FloatVector.fromArray(F, s, at + whole).sub(max).mul(scale));
            e.intoArray(s, at + whole);
            for (int p = whole; p < n; p++) {
                total += s[at + p];
            }
        }
        Arrays.fill(s, at + n, at + end, 0f);
        return total;
    }

    /** With D = Σ p·dp: dp ← p·(dp - D)·scale, over n elements, a multiple of the vector length. */
    static void softmaxBackward(float[] dp, float[] p, int at, int n, float scale) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = at; i < at + n; i += LANES) {
            sum = FloatVector.fromArray(F, p, i).fma(FloatVector.fromArray(F, dp, i), sum);
        }
        float d = Vec.sum(sum);
        for (int i = at; i < at + n; i += LANES) {
            FloatVector difference = FloatVector.fromArray(F, dp, i).sub(d);
            FloatVector.fromArray(F, p, i).mul(scale).mul(difference).intoArray(dp, i);
        }
    }

    /** x[at, at + n) ← x·factor; n is a multiple of the vector length. */
    static void scale(float[] x, int at, int n, float factor) {
        for (int i = at; i < at + n; i += LANES) {
            FloatVector.fromArray(F, x, i).mul(factor).intoArray(x, i);
        }
    }
}

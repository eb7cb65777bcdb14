package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The products inside attention, a few rows of queries at a time, on arrays. {@link #ROWS} rows times two vectors of
 * results stay in registers. A row of a head is padded with zeros to whole vectors.
 */
final class Tiles {
    /** Rows of a tile: eight where there are 32 registers of 16 floats, otherwise four. The kernels fold it away. */
    static final int ROWS = LANES == 16 ? 8 : 4;

    /** Columns of a tile: two vectors. */
    static final int WIDTH = 2 * LANES;

    private Tiles() {}

    /** The smallest multiple of {@link #WIDTH} not below n. */
    static int padded(int n) {
        return Math.ceilDiv(n, WIDTH) * WIDTH;
    }

    /** The smallest multiple of the vector length not below n. */
    static int vectors(int n) {
        return Math.ceilDiv(n, LANES) * LANES;
    }

    /**
     * Puts one row of dim elements into panels, which hold for each {@link #WIDTH} rows dim vectors of their elements
     * side by side.
     */
    static void intoPanel(float[] panels, int row, float[] from, int dim) {
        int to = row / WIDTH * dim * WIDTH + row % WIDTH;
        for (int d = 0; d < dim; d++) {
            panels[to + d * WIDTH] = from[d];
        }
    }

    /** s[r, p] ← q[r] · (row p of the panels), for p in [0, n), and anything up to the next whole vector. */
    static void scores(float[] s, int sStride, float[] q, int qStride, float[] panels, int n, int dim) {
        int p = 0;
        for (; p + LANES < n; p += WIDTH) {
            multiply(s, p, sStride, q, qStride, panels, p * dim, WIDTH, dim);
        }
        if (p < n) {
            multiplyNarrow(s, p, sStride, q, qStride, panels, p * dim, WIDTH, dim);
        }
    }

    /** out[r] ← Σ over p < n of s[r, p] · v[p]. */
    static void weighted(float[] out, float[] s, int sStride, float[] v, int n, int stride) {
        int c = 0;
        for (; c <= stride - WIDTH; c += WIDTH) {
            multiply(out, c, stride, s, sStride, v, c, stride, n);
        }
        if (c < stride) {
            multiplyNarrow(out, c, stride, s, sStride, v, c, stride, n);
        }
    }

    /** sums[p] += Σ over r of s[r, p] · q[r], for p < n. */
    static void outer(float[] sums, float[] s, int sStride, float[] q, int n, int stride) {
        int c = 0;
        for (; c <= stride - WIDTH; c += WIDTH) {
            outerWide(sums, s, sStride, q, c, n, stride);
        }
        if (c < stride) {
            outerNarrow(sums, s, sStride, q, c, n, stride);
        }
    }

    /** out[r, outAt + (0 … WIDTH)] ← Σ over k < n of left[r, k] · right[rightAt + k·rightStride + (0 … WIDTH)]. */
    private static void multiply(
            float[] out,
            int outAt,
            int outStride,
            float[] left,
            int leftStride,
            float[] right,
            int rightAt,
            int rightStride,
            int n) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector b0 = FloatVector.zero(F);
        FloatVector b1 = FloatVector.zero(F);
        FloatVector c0 = FloatVector.zero(F);
        FloatVector c1 = FloatVector.zero(F);
        FloatVector d0 = FloatVector.zero(F);
        FloatVector d1 = FloatVector.zero(F);
        FloatVector e0 = FloatVector.zero(F);
        FloatVector e1 = FloatVector.zero(F);
        FloatVector f0 = FloatVector.zero(F);
        FloatVector f1 = FloatVector.zero(F);
        FloatVector g0 = FloatVector.zero(F);
        FloatVector g1 = FloatVector.zero(F);
        FloatVector h0 = FloatVector.zero(F);
        FloatVector h1 = FloatVector.zero(F);
        int at = rightAt;
        for (int k = 0; k < n; k++, at += rightStride) {
            FloatVector y0 = FloatVector.fromArray(F, right, at);
            FloatVector y1 = FloatVector.fromArray(F, right, at + LANES);
            FloatVector x = FloatVector.broadcast(F, left[k]);
            a0 = x.fma(y0, a0);
            a1 = x.fma(y1, a1);
            x = FloatVector.broadcast(F, left[leftStride + k]);
            b0 = x.fma(y0, b0);
            b1 = x.fma(y1, b1);
            x = FloatVector.broadcast(F, left[2 * leftStride + k]);
            c0 = x.fma(y0, c0);
            c1 = x.fma(y1, c1);
            x = FloatVector.broadcast(F, left[3 * leftStride + k]);
            d0 = x.fma(y0, d0);
            d1 = x.fma(y1, d1);
            if (ROWS == 8) {
                x = FloatVector.broadcast(F, left[4 * leftStride + k]);
                e0 = x.fma(y0, e0);
                e1 = x.fma(y1, e1);
                x = FloatVector.broadcast(F, left[5 * leftStride + k]);
                f0 = x.fma(y0, f0);
                f1 = x.fma(y1, f1);
                x = FloatVector.broadcast(F, left[6 * leftStride + k]);
                g0 = x.fma(y0, g0);
                g1 = x.fma(y1, g1);
                x = FloatVector.broadcast(F, left[7 * leftStride + k]);
                h0 = x.fma(y0, h0);
                h1 = x.fma(y1, h1);
            }
        }
        a0.intoArray(out, outAt);
        a1.intoArray(out, outAt + LANES);
        b0.intoArray(out, outStride + outAt);
        b1.intoArray(out, outStride + outAt + LANES);
        c0.intoArray(out, 2 * outStride + outAt);
        c1.intoArray(out, 2 * outStride + outAt + LANES);
        d0.intoArray(out, 3 * outStride + outAt);
        d1.intoArray(out, 3 * outStride + outAt + LANES);
        if (ROWS == 8) {
            e0.intoArray(out, 4 * outStride + outAt);
            e1.intoArray(out, 4 * outStride + outAt + LANES);
            f0.intoArray(out, 5 * outStride + outAt);
            f1.intoArray(out, 5 * outStride + outAt + LANES);
            g0.intoArray(out, 6 * outStride + outAt);
            g1.intoArray(out, 6 * outStride + outAt + LANES);
            h0.intoArray(out, 7 * outStride + outAt);
            h1.intoArray(out, 7 * outStride + outAt + LANES);
        }
    }

    /** {@link #multiply} for one vector of columns. */
    private static void multiplyNarrow(
            float[] out,
            int outAt,
            int outStride,
            float[] left,
            int leftStride,
            float[] right,
            int rightAt,
            int rightStride,
            int n) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        FloatVector e = FloatVector.zero(F);
        FloatVector f = FloatVector.zero(F);
        FloatVector g = FloatVector.zero(F);
        FloatVector h = FloatVector.zero(F);
        int at = rightAt;
        for (int k = 0; k < n; k++, at += rightStride) {
            FloatVector y0 = FloatVector.fromArray(F, right, at);
            FloatVector x = FloatVector.broadcast(F, left[k]);
            a = x.fma(y0, a);
            x = FloatVector.broadcast(F, left[leftStride + k]);
            b = x.fma(y0, b);
            x = FloatVector.broadcast(F, left[2 * leftStride + k]);
            c = x.fma(y0, c);
            x = FloatVector.broadcast(F, left[3 * leftStride + k]);
            d = x.fma(y0, d);
            if (ROWS == 8) {
                x = FloatVector.broadcast(F, left[4 * leftStride + k]);
                e = x.fma(y0, e);
                x = FloatVector.broadcast(F, left[5 * leftStride + k]);
                f = x.fma(y0, f);
                x = FloatVector.broadcast(F, left[6 * leftStride + k]);
                g = x.fma(y0, g);
                x = FloatVector.broadcast(F, left[7 * leftStride + k]);
                h = x.fma(y0, h);
            }
        }
        a.intoArray(out, outAt);
        b.intoArray(out, outStride + outAt);
        c.intoArray(out, 2 * outStride + outAt);
        d.intoArray(out, 3 * outStride + outAt);
        if (ROWS == 8) {
            e.intoArray(out, 4 * outStride + outAt);
            f.intoArray(out, 5 * outStride + outAt);
            g.intoArray(out, 6 * outStride + outAt);
            h.intoArray(out, 7 * outStride + outAt);
        }
    }

    /** {@link #outer} for two vectors of columns from {@code column}. */
    private static void outerWide(float[] sums, float[] s, int sStride, float[] q, int column, int n, int stride) {
        FloatVector a0 = FloatVector.fromArray(F, q, column);
        FloatVector a1 = FloatVector.fromArray(F, q, column + LANES);
        FloatVector b0 = FloatVector.fromArray(F, q, stride + column);
        FloatVector b1 = FloatVector.fromArray(F, q, stride + column + LANES);
        FloatVector c0 = FloatVector.fromArray(F, q, 2 * stride + column);
        FloatVector c1 = FloatVector.fromArray(F, q, 2 * stride + column + LANES);
        FloatVector d0 = FloatVector.fromArray(F, q, 3 * stride + column);
        FloatVector d1 = FloatVector.fromArray(F, q, 3 * stride + column + LANES);
        FloatVector e0 = ROWS == 8 ? FloatVector.fromArray(F, q, 4 * stride + column) : a0;
        FloatVector e1 = ROWS == 8 ? FloatVector.fromArray(F, q, 4 * stride + column + LANES) : a0;
        FloatVector f0 = ROWS == 8 ? FloatVector.fromArray(F, q, 5 * stride + column) : a0;
        FloatVector f1 = ROWS == 8 ? FloatVector.fromArray(F, q, 5 * stride + column + LANES) : a0;
        FloatVector g0 = ROWS == 8 ? FloatVector.fromArray(F, q, 6 * stride + column) : a0;
        FloatVector g1 = ROWS == 8 ? FloatVector.fromArray(F, q, 6 * stride + column + LANES) : a0;
        FloatVector h0 = ROWS == 8 ? FloatVector.fromArray(F, q, 7 * stride + column) : a0;
        FloatVector h1 = ROWS == 8 ? FloatVector.fromArray(F, q, 7 * stride + column + LANES) : a0;
        int at = column;
        for (int p = 0; p < n; p++, at += stride) {
            FloatVector s0 = FloatVector.fromArray(F, sums, at);
            FloatVector s1 = FloatVector.fromArray(F, sums, at + LANES);
            FloatVector x = FloatVector.broadcast(F, s[p]);
            s0 = x.fma(a0, s0);
            s1 = x.fma(a1, s1);
            x = FloatVector.broadcast(F, s[sStride + p]);
            s0 = x.fma(b0, s0);
            s1 = x.fma(b1, s1);
            x = FloatVector.broadcast(F, s[2 * sStride + p]);
            s0 = x.fma(c0, s0);
            s1 = x.fma(c1, s1);
            x = FloatVector.broadcast(F, s[3 * sStride + p]);
            s0 = x.fma(d0, s0);
            s1 = x.fma(d1, s1);
            if (ROWS == 8) {
                x = FloatVector.broadcast(F, s[4 * sStride + p]);
                s0 = x.fma(e0, s0);
                s1 = x.fma(e1, s1);
                x = FloatVector.broadcast(F, s[5 * sStride + p]);
                s0 = x.fma(f0, s0);
                s1 = x.fma(f1, s1);
                x = FloatVector.broadcast(F, s[6 * sStride + p]);
                s0 = x.fma(g0, s0);
                s1 = x.fma(g1, s1);
                x = FloatVector.broadcast(F, s[7 * sStride + p]);
                s0 = x.fma(h0, s0);
                s1 = x.fma(h1, s1);
            }
            s0.intoArray(sums, at);
            s1.intoArray(sums, at + LANES);
        }
    }

    /** {@link #outer} for one vector of columns from {@code column}. */
    private static void outerNarrow(float[] sums, float[] s, int sStride, float[] q, int column, int n, int stride) {
        FloatVector a = FloatVector.fromArray(F, q, column);
        FloatVector b = FloatVector.fromArray(F, q, stride + column);
        FloatVector c = FloatVector.fromArray(F, q, 2 * stride + column);
        FloatVector d = FloatVector.fromArray(F, q, 3 * stride + column);
        FloatVector e = ROWS == 8 ? FloatVector.fromArray(F, q, 4 * stride + column) : a;
        FloatVector f = ROWS == 8 ? FloatVector.fromArray(F, q, 5 * stride + column) : a;
        FloatVector g = ROWS == 8 ? FloatVector.fromArray(F, q, 6 * stride + column) : a;
        FloatVector h = ROWS == 8 ? FloatVector.fromArray(F, q, 7 * stride + column) : a;
        int at = column;
        for (int p = 0; p < n; p++, at += stride) {
            FloatVector s0 = FloatVector.fromArray(F, sums, at);
            FloatVector x = FloatVector.broadcast(F, s[p]);
            s0 = x.fma(a, s0);
            x = FloatVector.broadcast(F, s[sStride + p]);
            s0 = x.fma(b, s0);
            x = FloatVector.broadcast(F, s[2 * sStride + p]);
            s0 = x.fma(c, s0);
            x = FloatVector.broadcast(F, s[3 * sStride + p]);
            s0 = x.fma(d, s0);
            if (ROWS == 8) {
                x = FloatVector.broadcast(F, s[4 * sStride + p]);
                s0 = x.fma(e, s0);
                x = FloatVector.broadcast(F, s[5 * sStride + p]);
                s0 = x.fma(f, s0);
                x = FloatVector.broadcast(F, s[6 * sStride + p]);
                s0 = x.fma(g, s0);
                x = FloatVector.broadcast(F, s[7 * sStride + p]);
                s0 = x.fma(h, s0);
            }
            s0.intoArray(sums, at);
        }
    }

    /** s[at, at + n) ← 2^(s - max), and zeros up to {@code end} (counted from {@code at}); returns the sum. */
    static float exponentials(float[] s, int at, int n, int end) {
        int whole = Vec.bound(n);
        int vectors = vectors(n);
        Arrays.fill(s, at + n, at + vectors, Float.NEGATIVE_INFINITY);
        Vec.exp2(s, at, at + vectors, max(s, at, vectors));
        Arrays.fill(s, at + n, at + end, 0f);
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        int p = at;
        for (; p <= at + whole - WIDTH; p += WIDTH) {
            s0 = s0.add(FloatVector.fromArray(F, s, p));
            s1 = s1.add(FloatVector.fromArray(F, s, p + LANES));
        }
        for (; p < at + n; p += LANES) {
            s0 = s0.add(FloatVector.fromArray(F, s, p));
        }
        float[] lanes = new float[LANES];
        s0.add(s1).intoArray(lanes, 0);
        return Vec.sum(lanes);
    }

    /** The largest of s[at, at + n), NaN left out; n is a multiple of the vector length. */
    private static float max(float[] s, int at, int n) {
        FloatVector m0 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        int p = at;
        for (; p <= at + n - WIDTH; p += WIDTH) {
            FloatVector x = FloatVector.fromArray(F, s, p);
            m0 = x.blend(m0, x.compare(VectorOperators.GT, m0).not());
            x = FloatVector.fromArray(F, s, p + LANES);
            m1 = x.blend(m1, x.compare(VectorOperators.GT, m1).not());
        }
        if (p < at + n) {
            FloatVector x = FloatVector.fromArray(F, s, p);
            m0 = x.blend(m0, x.compare(VectorOperators.GT, m0).not());
        }
        return m0.max(m1).reduceLanes(VectorOperators.MAX);
    }

    /**
     * The gradient of a softmax that is given as e = p / factor, from dp·factor: with D = Σ e·dp, dp ← e·(dp - factor·D),
     * over n elements, a multiple of the vector length.
     */
    static void softmaxBackward(float[] dp, float[] e, int at, int n, float factor) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        int i = at;
        for (; i <= at + n - WIDTH; i += WIDTH) {
            s0 = FloatVector.fromArray(F, e, i).fma(FloatVector.fromArray(F, dp, i), s0);
            s1 = FloatVector.fromArray(F, e, i + LANES).fma(FloatVector.fromArray(F, dp, i + LANES), s1);
        }
        if (i < at + n) {
            s0 = FloatVector.fromArray(F, e, i).fma(FloatVector.fromArray(F, dp, i), s0);
        }
        float[] lanes = new float[LANES];
        s0.add(s1).intoArray(lanes, 0);
        float d = factor * Vec.sum(lanes);
        for (i = at; i < at + n; i += LANES) {
            FloatVector difference = FloatVector.fromArray(F, dp, i).sub(d);
            FloatVector.fromArray(F, e, i).mul(difference).intoArray(dp, i);
        }
    }
}

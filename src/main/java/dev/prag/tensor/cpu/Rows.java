package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.AdamW;
import jdk.incubator.vector.FloatVector;

/** Kernels that take elements or rows one by one: sums, norms, rotary embedding, the gated unit, AdamW. */
final class Rows {
    /** Elements that a thread takes at once where an operation does not care about rows. */
    static final int BLOCK = 2048;

    private Rows() {}

    // ---- elements ----

    static void fill(long to, long n, float value) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(FloatVector.broadcast(F, value), to + 4 * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(to + 4 * i, value);
        }
    }

    /** y += x. */
    static void add(long y, long x, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(y + 4 * i).add(Vec.load(x + 4 * i)), y + 4 * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(y + 4 * i, Vec.getFloat(y + 4 * i) + Vec.getFloat(x + 4 * i));
        }
    }

    /** Adds one row to each of {@code rows} rows that lie {@code stride} elements apart. */
    static void addToRows(long y, int stride, int rows, long row, int n) {
        for (int r = 0; r < rows; r++) {
            add(y + 4L * r * stride, row, n);
        }
    }

    /** s ← 1 / (1 + e^-x) for n floats, and something up to the next whole vector. */
    private static void sigmoid(float[] s, long x, int n) {
        int whole = Vec.bound(n);
        for (int i = 0; i < whole; i += LANES) {
            Vec.load(x + 4L * i).neg().intoArray(s, i);
        }
        for (int i = whole; i < n; i++) {
            s[i] = -Vec.getFloat(x + 4L * i);
        }
        int end = Tiles.vectors(n);
        Vec.exp(s, end);
        for (int i = 0; i < end; i += LANES) {
            FloatVector sum = FloatVector.fromArray(F, s, i).add(1f);
            FloatVector.broadcast(F, 1f).div(sum).intoArray(s, i);
        }
    }

    /** out ← silu(gate) · up. */
    static void swiglu(long out, long gate, long up, long n) {
        float[] s = new float[Vec.CHUNK];
        for (long start = 0; start < n; start += Vec.CHUNK) {
            int count = (int) Math.min(Vec.CHUNK, n - start);
            sigmoid(s, gate + 4 * start, count);
            swiglu(out + 4 * start, gate + 4 * start, up + 4 * start, s, count);
        }
    }

    private static void swiglu(long out, long gate, long up, float[] s, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector unit = Vec.load(gate + 4L * i).mul(FloatVector.fromArray(F, s, i));
            Vec.store(unit.mul(Vec.load(up + 4L * i)), out + 4L * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(out + 4L * i, Vec.getFloat(gate + 4L * i) * s[i] * Vec.getFloat(up + 4L * i));
        }
    }

    /** With s = sigmoid(gate): dgate ← dout · up · s (1 + gate (1 - s)), dup ← dout · gate · s. */
    static void swigluBackward(long dgate, long dup, long dout, long gate, long up, long n) {
        float[] s = new float[Vec.CHUNK];
        for (long start = 0; start < n; start += Vec.CHUNK) {
            int count = (int) Math.min(Vec.CHUNK, n - start);
            long at = 4 * start;
            sigmoid(s, gate + at, count);
            swigluBackward(dgate + at, dup + at, dout + at, gate + at, up + at, s, count);
        }
    }

    private static void swigluBackward(long dgate, long dup, long dout, long gate, long up, float[] sigmoid, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector g = Vec.load(gate + 4L * i);
            FloatVector s = FloatVector.fromArray(F, sigmoid, i);
            FloatVector ds = Vec.load(dout + 4L * i).mul(s);
            FloatVector slope = g.sub(g.mul(s)).add(1f);
            FloatVector gateGradient = ds.mul(Vec.load(up + 4L * i)).mul(slope);
            Vec.store(gateGradient, dgate + 4L * i);
            Vec.store(ds.mul(g), dup + 4L * i);
        }
        for (; i < n; i++) {
            float g = Vec.getFloat(gate + 4L * i);
            float s = sigmoid[i];
            float ds = Vec.getFloat(dout + 4L * i) * s;
            float gateGradient = ds * Vec.getFloat(up + 4L * i) * (g - g * s + 1);
            Vec.setFloat(dgate + 4L * i, gateGradient);
            Vec.setFloat(dup + 4L * i, ds * g);
        }
    }

    /** One AdamW step over n elements. */
    static void adamW(long p, long g, long m, long v, long n, AdamW hyper, int step) {
        float b1 = hyper.beta1();
        float b2 = hyper.beta2();
        float keep = (float) (1 - (double) hyper.learningRate() * hyper.weightDecay());
        float rate = (float) (hyper.learningRate() / (1 - Math.pow(b1, step)));
        float secondCorrection = (float) (1 / Math.sqrt(1 - Math.pow(b2, step)));
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector gradient = Vec.load(g + 4 * i);
            FloatVector first = Vec.load(m + 4 * i).mul(b1).add(gradient.mul(1 - b1));
            FloatVector second =
                    Vec.load(v + 4 * i).mul(b2).add(gradient.mul(gradient).mul(1 - b2));
            FloatVector scale = second.sqrt().mul(secondCorrection).add(hyper.epsilon());
            FloatVector parameter =
                    Vec.load(p + 4 * i).mul(keep).sub(first.mul(rate).div(scale));
            Vec.store(first, m + 4 * i);
            Vec.store(second, v + 4 * i);
            Vec.store(parameter, p + 4 * i);
        }
        for (; i < n; i++) {
            float gradient = Vec.getFloat(g + 4 * i);
            float first = Vec.getFloat(m + 4 * i) * b1 + gradient * (1 - b1);
            float second = Vec.getFloat(v + 4 * i) * b2 + gradient * gradient * (1 - b2);
            float scale = (float) Math.sqrt(second) * secondCorrection + hyper.epsilon();
            Vec.setFloat(m + 4 * i, first);
            Vec.setFloat(v + 4 * i, second);
            Vec.setFloat(p + 4 * i, Vec.getFloat(p + 4 * i) * keep - first * rate / scale);
        }
    }

    // ---- rows ----

    /** Σ a·b. */
    static float dot(long a, long b, int n) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            s0 = Vec.load(a + 4L * i).fma(Vec.load(b + 4L * i), s0);
            s1 = Vec.load(a + 4L * (i + LANES)).fma(Vec.load(b + 4L * (i + LANES)), s1);
        }
        if (i <= n - LANES) {
            s0 = Vec.load(a + 4L * i).fma(Vec.load(b + 4L * i), s0);
            i += LANES;
        }
        if (i < n) {
            float[] left = Vec.rest(a + 4L * i, n - i);
            float[] right = Vec.rest(b + 4L * i, n - i);
            s0 = FloatVector.fromArray(F, left, 0).fma(FloatVector.fromArray(F, right, 0), s0);
        }
        float[] lanes = new float[LANES];
        s0.add(s1).intoArray(lanes, 0);
        return Vec.sum(lanes);
    }

    /** y += a·x. */
    static void axpy(long y, float a, long x, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector factor = FloatVector.broadcast(F, a);
            Vec.store(Vec.load(x + 4L * i).fma(factor, Vec.load(y + 4L * i)), y + 4L * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(y + 4L * i, Math.fma(Vec.getFloat(x + 4L * i), a, Vec.getFloat(y + 4L * i)));
        }
    }

    /** out ← x / √(mean(x²) + eps) ⊙ gain, for one row. */
    static void rmsNorm(long out, long x, long gain, int n, float eps) {
        float scale = inverseRms(x, n, eps);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).mul(scale).mul(Vec.load(gain + 4L * i)), out + 4L * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(out + 4L * i, Vec.getFloat(x + 4L * i) * scale * Vec.getFloat(gain + 4L * i));
        }
    }

    private static float inverseRms(long x, int n, float eps) {
        return (float) (1 / Math.sqrt((double) dot(x, x, n) / n + eps));
    }

    /** With s = 1/rms(x) and d = dout ⊙ gain: dx += s d - x s³ (d·x)/n, for one row. */
    static void rmsNormBackward(long dx, long dout, long x, long gain, int n, float eps) {
        float inverse = inverseRms(x, n, eps);
        float along = (float) ((double) inverse * inverse * inverse * dot(dout, gain, x, n) / n);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector d = Vec.load(dout + 4L * i).mul(Vec.load(gain + 4L * i));
            FloatVector sofar = d.fma(FloatVector.broadcast(F, inverse), Vec.load(dx + 4L * i));
            Vec.store(Vec.load(x + 4L * i).fma(FloatVector.broadcast(F, -along), sofar), dx + 4L * i);
        }
        for (; i < n; i++) {
            float d = Vec.getFloat(dout + 4L * i) * Vec.getFloat(gain + 4L * i);
            float sofar = Math.fma(d, inverse, Vec.getFloat(dx + 4L * i));
            Vec.setFloat(dx + 4L * i, Math.fma(Vec.getFloat(x + 4L * i), -along, sofar));
        }
    }

    /** Σ (a·b)·c. */
    private static float dot(long a, long b, long c, int n) {
        FloatVector sum = FloatVector.zero(F);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector product = Vec.load(a + 4L * i).mul(Vec.load(b + 4L * i));
            sum = product.fma(Vec.load(c + 4L * i), sum);
        }
        if (i < n) {
            float[] left = Vec.rest(a + 4L * i, n - i);
            float[] middle = Vec.rest(b + 4L * i, n - i);
            float[] right = Vec.rest(c + 4L * i, n - i);
            FloatVector product = FloatVector.fromArray(F, left, 0).mul(FloatVector.fromArray(F, middle, 0));
            sum = product.fma(FloatVector.fromArray(F, right, 0), sum);
        }
        float[] lanes = new float[LANES];
        sum.intoArray(lanes, 0);
        return Vec.sum(lanes);
    }

    /** Rotates each head of one row by the angles whose cosines and sines are given; {@code sign} -1 rotates back. */
    static void rope(long x, int heads, int headDim, long cos, long sin, float sign) {
        int half = headDim / 2;
        for (int h = 0; h < heads; h++) {
            long first = x + 4L * h * headDim;
            rotate(first, first + 4L * half, half, cos, sin, sign);
        }
    }

    private static void rotate(long first, long second, int n, long cos, long sin, float sign) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector c = Vec.load(cos + 4L * i);
            FloatVector s = Vec.load(sin + 4L * i).mul(sign);
            FloatVector a = Vec.load(first + 4L * i);
            FloatVector b = Vec.load(second + 4L * i);
            FloatVector newFirst = a.mul(c).sub(b.mul(s));
            FloatVector newSecond = b.mul(c).add(a.mul(s));
            Vec.store(newFirst, first + 4L * i);
            Vec.store(newSecond, second + 4L * i);
        }
        for (; i < n; i++) {
            float c = Vec.getFloat(cos + 4L * i);
            float s = Vec.getFloat(sin + 4L * i) * sign;
            float a = Vec.getFloat(first + 4L * i);
            float b = Vec.getFloat(second + 4L * i);
            Vec.setFloat(first + 4L * i, a * c - b * s);
            Vec.setFloat(second + 4L * i, b * c + a * s);
        }
    }
}

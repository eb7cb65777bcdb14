package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.AdamW;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Kernels that take elements or rows one by one: sums, norms, rotary embedding, the gated unit, AdamW. */
final class Rows {
    /** Elements that a thread takes at once where an operation does not care about rows. */
    static final int BLOCK = 2048;

    private Rows() {}

    // ---- elements ----

    static void fill(long to, long n, float value) {
        FloatVector v = FloatVector.broadcast(F, value);
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(v, to + 4 * i);
        }
        if (i < n) {
            Vec.store(v, to + 4 * i, F.indexInRange(i, n));
        }
    }

    /** y += x. */
    static void add(long y, long x, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(y + 4 * i).add(Vec.load(x + 4 * i)), y + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            Vec.store(Vec.load(y + 4 * i, mask).add(Vec.load(x + 4 * i, mask)), y + 4 * i, mask);
        }
    }

    /** Adds one row to each of {@code rows} rows that lie {@code stride} elements apart. */
    static void addToRows(long y, int stride, int rows, long row, int n) {
        for (int r = 0; r < rows; r++) {
            add(y + 4L * r * stride, row, n);
        }
    }

    /** out ← silu(gate) · up. */
    static void swiglu(long out, long gate, long up, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector g = Vec.load(gate + 4 * i);
            Vec.store(g.mul(Vec.sigmoid(g)).mul(Vec.load(up + 4 * i)), out + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector g = Vec.load(gate + 4 * i, mask);
            Vec.store(g.mul(Vec.sigmoid(g)).mul(Vec.load(up + 4 * i, mask)), out + 4 * i, mask);
        }
    }

    /** With s = sigmoid(gate): dgate ← dout · up · s (1 + gate (1 - s)), dup ← dout · gate · s. */
    static void swigluBackward(long dgate, long dup, long dout, long gate, long up, long n) {
        for (long i = 0; i < n; i += LANES) {
            boolean whole = i <= n - LANES;
            VectorMask<Float> mask = whole ? null : F.indexInRange(i, n);
            FloatVector g = whole ? Vec.load(gate + 4 * i) : Vec.load(gate + 4 * i, mask);
            FloatVector u = whole ? Vec.load(up + 4 * i) : Vec.load(up + 4 * i, mask);
            FloatVector d = whole ? Vec.load(dout + 4 * i) : Vec.load(dout + 4 * i, mask);
            FloatVector s = Vec.sigmoid(g);
            FloatVector ds = d.mul(s);
            FloatVector slope = g.sub(g.mul(s)).add(1f);
            FloatVector gateGradient = ds.mul(u).mul(slope);
            FloatVector upGradient = ds.mul(g);
            if (whole) {
                Vec.store(gateGradient, dgate + 4 * i);
                Vec.store(upGradient, dup + 4 * i);
            } else {
                Vec.store(gateGradient, dgate + 4 * i, mask);
                Vec.store(upGradient, dup + 4 * i, mask);
            }
        }
    }

    /** One AdamW step over n elements. */
    static void adamW(long p, long g, long m, long v, long n, AdamW hyper, int step) {
        float b1 = hyper.beta1();
        float b2 = hyper.beta2();
        float keep = (float) (1 - (double) hyper.learningRate() * hyper.weightDecay());
        float rate = (float) (hyper.learningRate() / (1 - Math.pow(b1, step)));
        float secondCorrection = (float) (1 / Math.sqrt(1 - Math.pow(b2, step)));
        for (long i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector gradient = Vec.load(g + 4 * i, mask);
            FloatVector first = Vec.load(m + 4 * i, mask).mul(b1).add(gradient.mul(1 - b1));
            FloatVector second =
                    Vec.load(v + 4 * i, mask).mul(b2).add(gradient.mul(gradient).mul(1 - b2));
            FloatVector scale = second.sqrt().mul(secondCorrection).add(hyper.epsilon());
            FloatVector parameter =
                    Vec.load(p + 4 * i, mask).mul(keep).sub(first.mul(rate).div(scale));
            Vec.store(first, m + 4 * i, mask);
            Vec.store(second, v + 4 * i, mask);
            Vec.store(parameter, p + 4 * i, mask);
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
        for (; i < n; i += LANES) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            s0 = Vec.load(a + 4L * i, mask).fma(Vec.load(b + 4L * i, mask), s0);
        }
        return Vec.sum(s0.add(s1));
    }

    /** y += a·x. */
    static void axpy(long y, float a, long x, int n) {
        FloatVector factor = FloatVector.broadcast(F, a);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).fma(factor, Vec.load(y + 4L * i)), y + 4L * i);
        }
        if (i < n) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            Vec.store(Vec.load(x + 4L * i, mask).fma(factor, Vec.load(y + 4L * i, mask)), y + 4L * i, mask);
        }
    }

    /** out ← x / √(mean(x²) + eps) ⊙ gain, for one row. */
    static void rmsNorm(long out, long x, long gain, int n, float eps) {
        FloatVector scale = FloatVector.broadcast(F, inverseRms(x, n, eps));
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).mul(scale).mul(Vec.load(gain + 4L * i)), out + 4L * i);
        }
        if (i < n) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            Vec.store(Vec.load(x + 4L * i, mask).mul(scale).mul(Vec.load(gain + 4L * i, mask)), out + 4L * i, mask);
        }
    }

    private static float inverseRms(long x, int n, float eps) {
        return (float) (1 / Math.sqrt((double) dot(x, x, n) / n + eps));
    }

    /** With s = 1/rms(x) and d = dout ⊙ gain: dx += s d - x s³ (d·x)/n, for one row. */
    static void rmsNormBackward(long dx, long dout, long x, long gain, int n, float eps) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector d = Vec.load(dout + 4L * i, mask).mul(Vec.load(gain + 4L * i, mask));
            sum = d.fma(Vec.load(x + 4L * i, mask), sum);
        }
        float inverse = inverseRms(x, n, eps);
        float along = (float) ((double) inverse * inverse * inverse * Vec.sum(sum) / n);
        FloatVector scale = FloatVector.broadcast(F, inverse);
        FloatVector back = FloatVector.broadcast(F, -along);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector d = Vec.load(dout + 4L * i, mask).mul(Vec.load(gain + 4L * i, mask));
            FloatVector sofar = d.fma(scale, Vec.load(dx + 4L * i, mask));
            Vec.store(Vec.load(x + 4L * i, mask).fma(back, sofar), dx + 4L * i, mask);
        }
    }

    /** Rotates each head of one row by the angles whose cosines and sines are given; {@code sign} -1 rotates back. */
    static void rope(long x, int heads, int headDim, long cos, long sin, float sign) {
        int half = headDim / 2;
        for (int h = 0; h < heads; h++) {
            long first = x + 4L * h * headDim;
            long second = first + 4L * half;
            for (int i = 0; i < half; i += LANES) {
                boolean whole = i <= half - LANES;
                VectorMask<Float> mask = whole ? null : F.indexInRange(i, half);
                FloatVector c = whole ? Vec.load(cos + 4L * i) : Vec.load(cos + 4L * i, mask);
                FloatVector s = (whole ? Vec.load(sin + 4L * i) : Vec.load(sin + 4L * i, mask)).mul(sign);
                FloatVector a = whole ? Vec.load(first + 4L * i) : Vec.load(first + 4L * i, mask);
                FloatVector b = whole ? Vec.load(second + 4L * i) : Vec.load(second + 4L * i, mask);
                FloatVector newFirst = a.mul(c).sub(b.mul(s));
                FloatVector newSecond = b.mul(c).add(a.mul(s));
                if (whole) {
                    Vec.store(newFirst, first + 4L * i);
                    Vec.store(newSecond, second + 4L * i);
                } else {
                    Vec.store(newFirst, first + 4L * i, mask);
                    Vec.store(newSecond, second + 4L * i, mask);
                }
            }
        }
    }
}

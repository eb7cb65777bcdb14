package dev.prag.bench.operations;

import dev.prag.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What works row by row: the norm over 2,048 features, the gated unit over 8,192. */
public class RowsBenchmark extends DeviceState {
    private static final int FEATURES = 2048;
    private static final int INNER = 8192;
    private static final float EPS = 1e-5f;

    @Param({"1", "8", "256"})
    public int rows;

    private Tensor x;
    private Tensor gain;
    private Tensor out;
    private Tensor dx;
    private Tensor gate;
    private Tensor up;
    private Tensor inner;
    private Tensor dgate;
    private Tensor dup;

    @Override
    void prepare() {
        x = normal(rows, FEATURES);
        gain = normal(1, FEATURES);
        out = normal(rows, FEATURES);
        dx = zeros(rows, FEATURES);
        gate = normal(rows, INNER);
        up = normal(rows, INNER);
        inner = normal(rows, INNER);
        dgate = zeros(rows, INNER);
        dup = zeros(rows, INNER);
    }

    @Benchmark
    public void rmsNorm() {
        device.rmsNorm(out, x, gain, EPS);
    }

    @Benchmark
    public void rmsNormBackward() {
        device.rmsNormBackward(dx, out, x, gain, EPS);
    }

    @Benchmark
    public void swiglu() {
        device.swiglu(inner, gate, up);
    }

    @Benchmark
    public void swigluBackward() {
        device.swigluBackward(dgate, dup, inner, gate, up);
    }
}

package dev.prag.bench.operations;

import dev.prag.tensor.DType;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Products with a frozen weight, and their gradients. */
public class MatmulBenchmark extends DeviceState {
    @Param({"1", "8", "256"})
    public int rows;

    /** Rows and columns of the weight. */
    @Param({"2048x2048", "8192x2048"})
    public String shape;

    @Param({"BF16", "F32"})
    public DType compute;

    private Weight weight;
    private Tensor x;
    private Tensor y;
    private Tensor dx;
    private Tensor dy;

    @Override
    void prepare() {
        String[] sizes = shape.split("x");
        int out = Integer.parseInt(sizes[0]);
        int in = Integer.parseInt(sizes[1]);
        weight = weight(out, in, compute);
        x = normal(rows, in);
        y = zeros(rows, out);
        dx = zeros(rows, in);
        dy = normal(rows, out);
    }

    @Benchmark
    public void forward() {
        device.matmul(y, x, weight, null);
    }

    @Benchmark
    public void backward() {
        device.matmulBackward(dx, dy, weight, false);
    }
}

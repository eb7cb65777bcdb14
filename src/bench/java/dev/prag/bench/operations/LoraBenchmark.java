package dev.prag.bench.operations;

import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.LoraSpan.Part;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The side branch of 2,048 to 8,192 features: segments of their own compositions of rank-2 adapters. */
public class LoraBenchmark extends DeviceState {
    private static final int IN = 2048;
    private static final int OUT = 8192;
    private static final int RANK = 2;

    @Param({"1", "8"})
    public int segments;

    @Param({"1", "260"})
    public int rowsOfSegment;

    @Param({"1", "3"})
    public int adapters;

    private Tensor slab;
    private Tensor grads;
    private Tensor x;
    private Tensor dx;
    private Tensor y;
    private Tensor dy;
    private List<LoraSpan> spans;

    @Override
    void prepare() {
        int sizeOfAdapter = RANK * (IN + OUT);
        int count = segments * adapters;
        slab = normal(count, sizeOfAdapter);
        grads = zeros(count, sizeOfAdapter);
        spans = new ArrayList<>();
        for (int segment = 0; segment < segments; segment++) {
            List<Part> parts = new ArrayList<>();
            for (int adapter = 0; adapter < adapters; adapter++) {
                long a = (long) (segment * adapters + adapter) * sizeOfAdapter;
                parts.add(new Part(a, a + (long) RANK * IN, RANK, 0.01f));
            }
            spans.add(new LoraSpan(segment * rowsOfSegment, rowsOfSegment, parts));
        }
        int rows = segments * rowsOfSegment;
        x = normal(rows, IN);
        dx = zeros(rows, IN);
        y = zeros(rows, OUT);
        dy = normal(rows, OUT);
    }

    @Benchmark
    public void forward() {
        device.lora(y, x, slab, spans);
    }

    @Benchmark
    public void backward() {
        device.loraBackward(dx, grads, dy, x, slab, spans);
    }
}

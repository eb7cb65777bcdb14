package dev.prag.bench.operations;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** An optimizer step of many adapters, each of rank 2 on the feed-forward projections of LLaMA-3.2-1B. */
public class AdamWBenchmark extends DeviceState {
    private static final int ELEMENTS = 16 * 3 * 2 * (2048 + 8192);
    private static final AdamW HYPER = new AdamW(3e-4f, 0.9f, 0.999f, 1e-8f, 0.01f);

    @Param({"1", "16"})
    public int adapters;

    private Tensor parameters;
    private Tensor gradients;
    private Tensor firstMoments;
    private Tensor secondMoments;
    private List<AdamW.Range> ranges;

    @Override
    void prepare() {
        parameters = normal(adapters, ELEMENTS);
        gradients = normal(adapters, ELEMENTS);
        firstMoments = zeros(adapters, ELEMENTS);
        secondMoments = zeros(adapters, ELEMENTS);
        ranges = IntStream.range(0, adapters)
                .mapToObj(i -> new AdamW.Range((long) i * ELEMENTS, ELEMENTS, 1 + i))
                .toList();
    }

    @Benchmark
    public void step() {
        device.adamW(parameters, gradients, firstMoments, secondMoments, HYPER, ranges);
    }
}

package dev.prag.bench.operations;

import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** What reads a row of logits over the vocabulary of LLaMA 3: the loss with its gradient, and the choice of a token. */
public class LogitsBenchmark extends DeviceState {
    private static final int VOCAB = 128_256;

    @Param({"1", "8", "64"})
    public int rows;

    private Tensor logits;
    private Tensor dlogits;
    private Tensor losses;
    private Tensor labels;
    private Tensor scales;
    private Tensor ids;
    private Tensor logProbabilities;
    private List<SamplingRow> greedy;
    private List<SamplingRow> sampled;

    @Override
    void prepare() {
        logits = normal(rows, VOCAB);
        dlogits = zeros(rows, VOCAB);
        losses = zeros(rows, 1);
        labels = ids(rows, VOCAB);
        scales = normal(rows, 1);
        ids = ids(rows, VOCAB);
        logProbabilities = zeros(rows, 1);
        greedy = Collections.nCopies(rows, SamplingRow.GREEDY);
        sampled = Collections.nCopies(rows, new SamplingRow(0.7f, 50, 0.9f, 1.1f, new int[] {1, 7, 50_000}, 0.6));
    }

    @Benchmark
    public void crossEntropy() {
        device.crossEntropy(losses, dlogits, logits, labels, scales);
    }

    @Benchmark
    public void sampleGreedy() {
        device.sample(ids, logProbabilities, logits, VOCAB, greedy);
    }

    /** With penalty, temperature, top-k and top-p. */
    @Benchmark
    public void sampleTopKTopP() {
        device.sample(ids, logProbabilities, logits, VOCAB, sampled);
    }
}

package dev.prag.bench.operations;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Attention with the heads of LLaMA-3.2-1B. */
public class AttentionBenchmark extends DeviceState {
    private static final AttentionShape HEADS = new AttentionShape(32, 8, 64);
    private static final int BLOCK = 16;

    /** Tokens of each sequence. */
    @Param({"64", "256"})
    public int tokens;

    @Param({"1", "8"})
    public int sequences;

    private Tensor q;
    private Tensor k;
    private Tensor v;
    private Tensor out;
    private Tensor dout;
    private Tensor dq;
    private Tensor dk;
    private Tensor dv;
    private KvLayer cache;
    private List<Span> whole;
    private List<Span> lastToken;

    @Override
    void prepare() {
        int rows = sequences * tokens;
        q = normal(rows, HEADS.queryCols());
        k = normal(rows, HEADS.kvCols());
        v = normal(rows, HEADS.kvCols());
        out = zeros(rows, HEADS.queryCols());
        dout = normal(rows, HEADS.queryCols());
        dq = zeros(rows, HEADS.queryCols());
        dk = zeros(rows, HEADS.kvCols());
        dv = zeros(rows, HEADS.kvCols());
        int blocks = tokens / BLOCK;
        cache = new KvLayer(normal(rows, HEADS.kvCols()), normal(rows, HEADS.kvCols()), BLOCK);
        whole = new ArrayList<>();
        lastToken = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            whole.add(Span.of(i * tokens, tokens));
            int[] table = IntStream.range(i * blocks, (i + 1) * blocks).toArray();
            lastToken.add(new Span(i, 1, tokens - 1, table));
        }
    }

    /** All tokens of all sequences, as in training and prefill. */
    @Benchmark
    public void forward() {
        device.attention(out, q, k, v, HEADS, null, whole);
    }

    @Benchmark
    public void backward() {
        device.attentionBackward(dq, dk, dv, dout, q, k, v, HEADS, null, whole);
    }

    /** The last token of each sequence over its cache, as in decoding. */
    @Benchmark
    public void decode() {
        device.attention(out, q, k, v, HEADS, cache, lastToken);
    }
}

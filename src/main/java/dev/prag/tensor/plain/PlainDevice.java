package dev.prag.tensor.plain;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.LoraBound;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.RowSource;
import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Shapes;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Turns;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The reference: every operation in f64, at once and one after another. Tensors that were closed, and ids that lie
 * outside of their table, are refused here, where a faster device may not look.
 */
public final class PlainDevice implements Device {
    private final Turns turns = new Turns();
    private boolean closed;

    @Override
    public String name() {
        return "plain Java, f64";
    }

    /** The reference keeps to no turns: nothing that somebody waits for runs on it. */
    @Override
    public Turns turns() {
        return turns;
    }

    // ---- memory ----

    @Override
    public List<DType> cacheTypes() {
        return List.of(DType.F32, DType.BF16);
    }

    @Override
    public synchronized Tensor allocate(DType dtype, int rows, int cols) {
        requireOpen();
        Shapes.allocate(dtype, rows, cols);
        return new Tensor(this, dtype, rows, cols, new PlainMemory(dtype, (long) rows * cols), 0, true);
    }

    @Override
    public synchronized void release(Tensor tensor) {
        PlainMemory.of(tensor).release();
    }

    @Override
    public synchronized Weight weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        requireOpen();
        Shapes.weight(data, stored, out, in, compute);
        return PlainWeight.read(data, stored, out, in, compute);
    }

    @Override
    public synchronized Weight weight(RowSource rows, int out, int in, DType compute) {
        requireOpen();
        Shapes.weight(out, in, compute);
        return PlainWeight.read(rows, out, in, compute);
    }

    @Override
    public synchronized Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        requireOpen();
        Shapes.merge(base, slab, parts);
        return PlainWeight.merge(PlainWeight.of(base), slab, parts);
    }

    @Override
    public synchronized void write(Tensor dst, float[] src) {
        requireOpen();
        Shapes.write(dst, src);
        Matrix to = Matrix.of(dst);
        for (int i = 0; i < src.length; i++) {
            to.data()[to.offset() + i] = dst.dtype() == DType.BF16 ? BFloat16.round(src[i]) : src[i];
        }
    }

    @Override
    public synchronized void write(Tensor dst, int[] src) {
        requireOpen();
        Shapes.write(dst, src);
        System.arraycopy(src, 0, PlainMemory.integers(dst), Math.toIntExact(dst.offset()), src.length);
    }

    /** dst ← src without rounding, for an F32 tensor: what finite differences are taken with. */
    public synchronized void writeExact(Tensor dst, double[] src) {
        requireOpen();
        if (dst.dtype() != DType.F32 || src.length != dst.size()) {
            throw new IllegalArgumentException("writeExact: " + src.length + " elements into " + dst);
        }
        System.arraycopy(src, 0, PlainMemory.numbers(dst), Math.toIntExact(dst.offset()), src.length);
    }

    @Override
    public synchronized float[] read(Tensor src) {
        requireOpen();
        double[] exact = readExact(src);
        float[] rounded = new float[exact.length];
        for (int i = 0; i < exact.length; i++) {
            rounded[i] = (float) exact[i];
        }
        return rounded;
    }

    /** A copy of an F32 or BF16 tensor as it is held. */
    public synchronized double[] readExact(Tensor src) {
        requireOpen();
        Shapes.numbers("read", src);
        int from = Math.toIntExact(src.offset());
        return Arrays.copyOfRange(PlainMemory.numbers(src), from, from + Math.toIntExact(src.size()));
    }

    @Override
    public synchronized int[] readInts(Tensor src) {
        requireOpen();
        Shapes.readInts(src);
        int from = Math.toIntExact(src.offset());
        return Arrays.copyOfRange(PlainMemory.integers(src), from, from + Math.toIntExact(src.size()));
    }

    @Override
    public synchronized void fill(Tensor dst, float value) {
        requireOpen();
        Shapes.numbers("fill", dst);
        int from = Math.toIntExact(dst.offset());
        double held = dst.dtype() == DType.BF16 ? BFloat16.round(value) : value;
        Arrays.fill(PlainMemory.numbers(dst), from, from + Math.toIntExact(dst.size()), held);
    }

    @Override
    public synchronized void copy(Tensor dst, Tensor src) {
        requireOpen();
        Shapes.same("copy", dst, src);
        PlainRows.copy(dst, src);
    }

    // ---- rows ----

    @Override
    public synchronized void embed(Tensor out, Weight table, Tensor ids) {
        requireOpen();
        Shapes.embed(out, table, ids);
        PlainRows.embed(out, table, ids);
    }

    @Override
    public synchronized void gatherRows(Tensor out, Tensor x, int[] rows) {
        requireOpen();
        Shapes.gatherRows(out, x, rows);
        PlainRows.gather(out, x, rows);
    }

    @Override
    public synchronized void scatterAddRows(Tensor out, Tensor x, int[] rows) {
        requireOpen();
        Shapes.scatterAddRows(out, x, rows);
        PlainRows.scatterAdd(out, x, rows);
    }

    @Override
    public synchronized void add(Tensor y, Tensor x) {
        requireOpen();
        Shapes.same("add", y, x);
        PlainRows.add(y, x);
    }

    @Override
    public synchronized void rmsNorm(Tensor out, Tensor x, Tensor gain, float eps) {
        requireOpen();
        Shapes.rmsNorm(out, x, gain);
        PlainRows.rmsNorm(out, x, gain, eps);
    }

    @Override
    public synchronized void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain, float eps) {
        requireOpen();
        Shapes.rmsNormBackward(dx, dout, x, gain);
        PlainRows.rmsNormBackward(dx, dout, x, gain, eps);
    }

    // ---- products ----

    @Override
    public synchronized void matmul(Tensor y, Tensor x, Weight w, Tensor bias) {
        requireOpen();
        Shapes.matmul(y, x, w, bias);
        PlainProducts.matmul(y, x, w, bias);
    }

    @Override
    public synchronized void matmulBackward(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        requireOpen();
        Shapes.matmulBackward(dx, dy, w);
        PlainProducts.matmulBackward(dx, dy, w, accumulate);
    }

    @Override
    public synchronized void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        requireOpen();
        Shapes.logitsBackward(dx, dlogits, head);
        PlainProducts.logitsBackward(dx, dlogits, head);
    }

    @Override
    public synchronized void lora(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans) {
        requireOpen();
        Shapes.lora(y, x, slab, spans);
        PlainProducts.lora(y, x, slab, spans);
    }

    @Override
    public synchronized void loraBackward(
            Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans) {
        requireOpen();
        Shapes.loraBackward(dx, grads, dy, x, slab, spans);
        PlainProducts.loraBackward(dx, grads, dy, x, slab, spans);
    }

    @Override
    public synchronized void boundLora(Tensor slab, List<LoraBound> bounds) {
        requireOpen();
        Shapes.boundLora(slab, bounds);
        PlainProducts.boundLora(slab, bounds);
    }

    @Override
    public synchronized double norm(Weight w) {
        requireOpen();
        double sum = 0;
        for (double value : PlainWeight.of(w).values()) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    // ---- attention ----

    @Override
    public synchronized void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        requireOpen();
        Shapes.rope(x, positions, cos, sin, headDim);
        PlainAttention.rope(x, positions, cos, sin, headDim, 1);
    }

    @Override
    public synchronized void ropeBackward(Tensor dx, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        requireOpen();
        Shapes.rope(dx, positions, cos, sin, headDim);
        PlainAttention.rope(dx, positions, cos, sin, headDim, -1);
    }

    @Override
    public synchronized void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        requireOpen();
        Shapes.cacheWrite(cache, k, v, spans);
        PlainAttention.cacheWrite(cache, k, v, spans);
    }

    @Override
    public synchronized void attention(
            Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        requireOpen();
        Shapes.attention(out, q, k, v, shape, cache, spans);
        PlainAttention.attention(out, q, k, v, shape, cache, spans);
    }

    @Override
    public synchronized void attentionBackward(
            Tensor dq,
            Tensor dk,
            Tensor dv,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans) {
        requireOpen();
        Shapes.attentionBackward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
        PlainAttention.attentionBackward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
    }

    @Override
    public synchronized void attentionWeights(
            Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        requireOpen();
        Shapes.attentionWeights(out, q, k, shape, cache, span);
        PlainAttention.weights(out, q, k, shape, cache, span);
    }

    // ---- gated linear unit ----

    @Override
    public synchronized void swiglu(Tensor out, Tensor gate, Tensor up) {
        requireOpen();
        Shapes.swiglu(out, gate, up);
        PlainRows.swiglu(out, gate, up);
    }

    @Override
    public synchronized void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up) {
        requireOpen();
        Shapes.swigluBackward(dgate, dup, dout, gate, up);
        PlainRows.swigluBackward(dgate, dup, dout, gate, up);
    }

    // ---- losses, probabilities, choice ----

    @Override
    public synchronized void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales) {
        requireOpen();
        Shapes.crossEntropy(losses, dlogits, logits, labels, scales);
        PlainProbabilities.crossEntropy(losses, dlogits, logits, labels, scales);
    }

    @Override
    public synchronized void softCrossEntropy(
            Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor probabilities, Tensor scales) {
        requireOpen();
        Shapes.softCrossEntropy(losses, dlogits, logits, ids, probabilities, scales);
        PlainProbabilities.softCrossEntropy(losses, dlogits, logits, ids, probabilities, scales);
    }

    @Override
    public synchronized void logProbabilities(Tensor out, Tensor logits, Tensor ids) {
        requireOpen();
        Shapes.logProbabilities(out, logits, ids);
        PlainProbabilities.logProbabilities(out, logits, ids);
    }

    @Override
    public synchronized void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        requireOpen();
        Shapes.topK(ids, logProbabilities, logits);
        PlainProbabilities.topK(ids, logProbabilities, logits);
    }

    @Override
    public synchronized void entropy(Tensor out, Tensor logits) {
        requireOpen();
        Shapes.entropy(out, logits);
        PlainProbabilities.entropy(out, logits);
    }

    @Override
    public synchronized void sample(
            Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> rows) {
        requireOpen();
        Shapes.sample(ids, logProbabilities, logits, vocab, rows);
        PlainProbabilities.sample(ids, logProbabilities, logits, vocab, rows);
    }

    // ---- training ----

    @Override
    public synchronized void adamW(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        requireOpen();
        Shapes.adamW(parameters, gradients, firstMoments, secondMoments, ranges);
        PlainAdamW.step(parameters, gradients, firstMoments, secondMoments, hyper, ranges);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the device was closed");
        }
    }

    /** Nothing to free beyond what the garbage collector takes. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}

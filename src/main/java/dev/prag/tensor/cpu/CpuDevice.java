package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.AttentionShape;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;

/**
 * The CPU as a device: oneDNN for products, vectors for the rest, memory outside of the heap. An operation has ended
 * when its method returns; a lock makes one follow the other. See the package for what is computed where.
 */
public final class CpuDevice implements Device {
    /** The share of the machine's memory that second copies of weights may take. */
    private static final int SECOND_LAYOUTS_SHARE = 6;

    private final int threads;
    private final OneDnn oneDnn;
    private final Pool pool;
    private final CpuRows rows;
    private final Products products;
    private final CpuLora lora;
    private final CpuAttention attention;
    private final Probabilities probabilities;
    private final Set<CpuMemory> tensors = new HashSet<>();
    private final Set<CpuWeight> weights = new HashSet<>();
    private final Turns turns = new Turns();
    private boolean closed;

    /** A device over all cores. */
    public static CpuDevice create() {
        return new CpuDevice(Runtime.getRuntime().availableProcessors());
    }

    /** A device that computes with so many threads, the caller's among them. */
    public CpuDevice(int threads) {
        this(threads, null);
    }

    /** @param secondLayouts null for what is best on this CPU */
    CpuDevice(int threads, SecondLayouts secondLayouts) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be positive: " + threads);
        }
        this.threads = threads;
        oneDnn = new OneDnn(threads);
        pool = new Pool(threads);
        rows = new CpuRows(pool);
        products = new Products(
                oneDnn,
                pool,
                secondLayouts != null
                        ? secondLayouts
                        : new SecondLayouts(oneDnn.tiles(), Pointer.totalPhysicalBytes() / SECOND_LAYOUTS_SHARE),
                oneDnn::f32IsFaster);
        lora = new CpuLora(pool);
        attention = new CpuAttention(pool);
        probabilities = new Probabilities(pool);
    }

    @Override
    public String name() {
        return "CPU, " + threads + (threads == 1 ? " thread, " : " threads, ") + oneDnn.instructions();
    }

    /** Threads that it computes with, the caller's among them. */
    public int threads() {
        return threads;
    }

    @Override
    public Turns turns() {
        return turns;
    }

    // ---- memory ----

    /** Address of a tensor's first element. */
    static long at(Tensor tensor) {
        return ((CpuMemory) tensor.memory()).address()
                + tensor.offset() * tensor.dtype().bytes();
    }

    /** Address of a row. */
    static long at(Tensor tensor, int row) {
        return at(tensor) + (long) row * tensor.cols() * tensor.dtype().bytes();
    }

    private static CpuWeight of(Weight weight) {
        if (weight instanceof CpuWeight cpu) {
            return cpu;
        }
        throw new IllegalArgumentException("the weight belongs to another device");
    }

    @Override
    public synchronized Tensor allocate(DType dtype, int rows, int cols) {
        requireOpen();
        Shapes.allocate(dtype, rows, cols);
        CpuMemory memory = new CpuMemory((long) rows * cols * dtype.bytes());
        tensors.add(memory);
        return new Tensor(this, dtype, rows, cols, memory, 0, true);
    }

    @Override
    public synchronized void release(Tensor tensor) {
        CpuMemory memory = (CpuMemory) tensor.memory();
        memory.free();
        tensors.remove(memory);
    }

    /** Other operations touch memory that closing has freed, which says so itself. */
    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the device was closed");
        }
    }

    private CpuWeight keep(CpuWeight weight) {
        weights.add(weight);
        return weight;
    }

    private synchronized void release(CpuWeight weight) {
        weight.free();
        weights.remove(weight);
    }

    @Override
    public synchronized Weight weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        requireOpen();
        Shapes.weight(data, stored, out, in, compute);
        return keep(Weights.read(pool, data, stored, out, in, compute, this::release));
    }

    @Override
    public synchronized Weight weight(RowSource rows, int out, int in, DType compute) {
        requireOpen();
        Shapes.weight(out, in, compute);
        return keep(Weights.read(pool, rows, out, in, compute, this::release));
    }

    @Override
    public synchronized Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        requireOpen();
        Shapes.merge(base, slab, parts);
        return keep(Weights.merge(pool, of(base), at(slab), parts, this::release));
    }

    @Override
    public synchronized void write(Tensor dst, float[] src) {
        Shapes.write(dst, src);
        Convert.fromArray(at(dst), dst.dtype(), src, src.length);
    }

    @Override
    public synchronized void write(Tensor dst, int[] src) {
        Shapes.write(dst, src);
        MemorySegment.copy(src, 0, ALL, JAVA_INT_UNALIGNED, at(dst), src.length);
    }

    @Override
    public synchronized float[] read(Tensor src) {
        Shapes.numbers("read", src);
        float[] values = new float[Math.toIntExact(src.size())];
        Convert.toArray(values, at(src), src.dtype(), values.length);
        return values;
    }

    @Override
    public synchronized int[] readInts(Tensor src) {
        Shapes.readInts(src);
        return ints(src);
    }

    private static int[] ints(Tensor src) {
        int[] values = new int[Math.toIntExact(src.size())];
        MemorySegment.copy(ALL, JAVA_INT_UNALIGNED, at(src), values, 0, values.length);
        return values;
    }

    /** The integers of a column, which must lie in [0, bound). */
    private static int[] ids(Tensor column, int bound) {
        int[] values = ints(column);
        for (int r = 0; r < values.length; r++) {
            if (values[r] < 0 || values[r] >= bound) {
                throw new IllegalArgumentException(
                        "row " + r + ": " + values[r] + " does not lie in [0, " + bound + ")");
            }
        }
        return values;
    }

    @Override
    public void fill(Tensor dst, float value) {
        turns.pass();
        synchronized (this) {
            Shapes.numbers("fill", dst);
            rows.fill(dst, value);
        }
    }

    @Override
    public synchronized void copy(Tensor dst, Tensor src) {
        Shapes.same("copy", dst, src);
        rows.copy(dst, src);
    }

    // ---- rows ----

    @Override
    public synchronized void embed(Tensor out, Weight table, Tensor ids) {
        Shapes.embed(out, table, ids);
        CpuWeight w = of(table);
        rows.embed(out, w, ids(ids, w.out()));
    }

    @Override
    public synchronized void gatherRows(Tensor out, Tensor x, int[] rows) {
        Shapes.gatherRows(out, x, rows);
        this.rows.gather(out, x, rows);
    }

    @Override
    public synchronized void scatterAddRows(Tensor out, Tensor x, int[] rows) {
        Shapes.scatterAddRows(out, x, rows);
        this.rows.scatterAdd(out, x, rows);
    }

    @Override
    public synchronized void add(Tensor y, Tensor x) {
        Shapes.same("add", y, x);
        rows.add(y, x);
    }

    @Override
    public synchronized void rmsNorm(Tensor out, Tensor x, Tensor gain, float eps) {
        Shapes.rmsNorm(out, x, gain);
        rows.rmsNorm(out, x, gain, eps);
    }

    @Override
    public synchronized void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain, float eps) {
        Shapes.rmsNormBackward(dx, dout, x, gain);
        rows.rmsNormBackward(dx, dout, x, gain, eps);
    }

    // ---- products ----

    @Override
    public void matmul(Tensor y, Tensor x, Weight w, Tensor bias) {
        turns.pass();
        synchronized (this) {
            Shapes.matmul(y, x, w, bias);
            if (x.rows() > 0) {
                long shift = bias == null ? 0 : at(bias);
                products.forward(at(y), at(x), x.rows(), of(w), shift, turns.isSecond());
            }
        }
    }

    @Override
    public void matmulBackward(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        turns.pass();
        synchronized (this) {
            Shapes.matmulBackward(dx, dy, w);
            if (dy.rows() > 0) {
                products.backward(at(dx), at(dy), dy.rows(), of(w), accumulate, true);
            }
        }
    }

    @Override
    public void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        turns.pass();
        synchronized (this) {
            Shapes.logitsBackward(dx, dlogits, head);
            if (dlogits.rows() > 0) {
                products.backward(at(dx), at(dlogits), dlogits.rows(), of(head), false, false);
            }
        }
    }

    @Override
    public void lora(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans) {
        turns.pass();
        synchronized (this) {
            Shapes.lora(y, x, slab, spans);
            lora.forward(at(y), y.cols(), at(x), x.cols(), at(slab), spans);
        }
    }

    @Override
    public void loraBackward(Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans) {
        turns.pass();
        synchronized (this) {
            Shapes.loraBackward(dx, grads, dy, x, slab, spans);
            long back = dx == null ? 0 : at(dx);
            lora.backward(back, at(grads), dy.cols(), x.cols(), at(dy), at(x), at(slab), spans);
        }
    }

    @Override
    public void boundLora(Tensor slab, List<LoraBound> bounds) {
        turns.pass();
        synchronized (this) {
            Shapes.boundLora(slab, bounds);
            CpuNorms.bound(pool, at(slab), bounds);
        }
    }

    @Override
    public synchronized double norm(Weight w) {
        return CpuNorms.ofWeight(pool, of(w));
    }

    // ---- attention ----

    @Override
    public synchronized void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        rotate(x, positions, cos, sin, headDim, 1);
    }

    @Override
    public synchronized void ropeBackward(Tensor dx, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        rotate(dx, positions, cos, sin, headDim, -1);
    }

    private void rotate(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim, float sign) {
        Shapes.rope(x, positions, cos, sin, headDim);
        rows.rotate(x, ids(positions, cos.rows()), cos, sin, headDim, sign);
    }

    @Override
    public synchronized void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        Shapes.cacheWrite(cache, k, v, spans);
        rows.cacheWrite(cache, k, v, spans);
    }

    @Override
    public void attention(
            Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        turns.pass();
        synchronized (this) {
            Shapes.attention(out, q, k, v, shape, cache, spans);
            attention.forward(out, q, k, v, shape, cache, spans);
        }
    }

    @Override
    public void attentionBackward(
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
        turns.pass();
        synchronized (this) {
            Shapes.attentionBackward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
            attention.backward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
        }
    }

    @Override
    public synchronized void attentionWeights(
            Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        Shapes.attentionWeights(out, q, k, shape, cache, span);
        attention.weights(out, q, k, shape, cache, span);
    }

    // ---- gated linear unit ----

    @Override
    public void swiglu(Tensor out, Tensor gate, Tensor up) {
        turns.pass();
        synchronized (this) {
            Shapes.swiglu(out, gate, up);
            rows.swiglu(out, gate, up);
        }
    }

    @Override
    public void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up) {
        turns.pass();
        synchronized (this) {
            Shapes.swigluBackward(dgate, dup, dout, gate, up);
            rows.swigluBackward(dgate, dup, dout, gate, up);
        }
    }

    // ---- losses, probabilities, choice ----

    @Override
    public void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales) {
        turns.pass();
        synchronized (this) {
            Shapes.crossEntropy(losses, dlogits, logits, labels, scales);
            int[] wanted = ids(labels, logits.cols());
            probabilities.crossEntropy(losses, dlogits, logits, wanted, scales);
        }
    }

    @Override
    public void softCrossEntropy(
            Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor probabilities, Tensor scales) {
        turns.pass();
        synchronized (this) {
            Shapes.softCrossEntropy(losses, dlogits, logits, ids, probabilities, scales);
            int[] wanted = ids(ids, logits.cols());
            this.probabilities.softCrossEntropy(losses, dlogits, logits, wanted, probabilities, scales);
        }
    }

    @Override
    public synchronized void logProbabilities(Tensor out, Tensor logits, Tensor ids) {
        Shapes.logProbabilities(out, logits, ids);
        probabilities.logProbabilities(out, logits, ids(ids, logits.cols()));
    }

    @Override
    public synchronized void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        Shapes.topK(ids, logProbabilities, logits);
        probabilities.topK(ids, logProbabilities, logits);
    }

    @Override
    public synchronized void entropy(Tensor out, Tensor logits) {
        Shapes.entropy(out, logits);
        probabilities.entropy(out, logits);
    }

    @Override
    public synchronized void sample(
            Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> rows) {
        Shapes.sample(ids, logProbabilities, logits, vocab, rows);
        probabilities.sample(ids, logProbabilities, logits, vocab, rows);
    }

    // ---- training ----

    @Override
    public void adamW(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        turns.pass();
        synchronized (this) {
            Shapes.adamW(parameters, gradients, firstMoments, secondMoments, ranges);
            rows.adamW(parameters, gradients, firstMoments, secondMoments, hyper, ranges);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            pool.close();
            products.close();
            oneDnn.close();
            tensors.forEach(CpuMemory::free);
            weights.forEach(CpuWeight::free);
        }
    }
}

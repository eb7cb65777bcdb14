package dev.prag.tensor.cuda;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.DeviceLostException;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.LoadedWeights;
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
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * An NVIDIA GPU as a device: kernels of our own, cuBLAS for products, one stream. An operation is queued when its method
 * returns, and its mistakes may be told by a later one. See the package for how.
 */
public final class CudaDevice implements Device {
    /** Tables that one operation, or one recording, may have. */
    private static final long METADATA_BYTES = 16L << 20;

    private static final int STAGING_PIECES = 4;
    private static final long STAGING_PIECE_BYTES = 4L << 20;

    /** What is left to others, to cuBLAS and to the driver where the user says nothing. */
    private static final double MEMORY_SHARE = 0.9;

    private final String name;
    private final CudaSettings settings;
    private final CudaContext context;
    private final MemoryPool pool;
    private final Staging staging;
    private final Issuer issuer;
    private final Graphs graphs;
    private final Queue queue;
    private final Core core;
    private final Pace pace;
    private final Loads loads;
    private final CudaRows rows;
    private final CudaProducts products;
    private final CudaAttention attention;
    private final CudaLora lora;
    private final CudaProbabilities probabilities;
    private final CudaSampling sampling;
    private final CudaTraining training;
    private final Turns turns = new Turns();
    private volatile DeviceLostException lost;
    private boolean closed;

    private CudaDevice(CudaSettings settings, CudaContext context, MemoryPool pool) {
        this.settings = settings;
        this.context = context;
        this.pool = pool;
        Kernels kernels = new Kernels();
        staging = new Staging(context.compute(), STAGING_PIECES, STAGING_PIECE_BYTES);
        issuer = new Issuer(kernels, context.compute(), pool);
        graphs = new Graphs(context.compute(), issuer);
        Metadata metadata = new Metadata(pool, staging, METADATA_BYTES);
        queue = new Queue(kernels, metadata, staging, issuer, graphs);
        core = new Core(context, pool, queue, new Rounded(queue, pool));
        pace = new Pace(context.compute());
        loads = new Loads(context);
        rows = new CudaRows(core);
        products = new CudaProducts(core);
        attention = new CudaAttention(core);
        lora = new CudaLora(core);
        probabilities = new CudaProbabilities(core);
        sampling = new CudaSampling(core);
        training = new CudaTraining(core);
        name = context.deviceName() + ", cuda:" + settings.ordinal();
    }

    /**
     * Opens a GPU and takes its memory. Whether there is one that can be used, {@link CudaDevices} says.
     *
     * @throws dev.prag.base.UserException if there isn't as much memory
     */
    public static CudaDevice open(CudaSettings settings) {
        CudaNatives.require();
        CudaContext context = new CudaContext(settings.ordinal());
        MemoryPool pool = null;
        try {
            long bytes = settings.memoryBytes() > 0 ? settings.memoryBytes() : (long) (MEMORY_SHARE * context.free());
            pool = new MemoryPool(bytes);
            return new CudaDevice(settings, context, pool);
        } catch (RuntimeException | Error e) {
            // With the context goes all else that was made in it, unless another device of the process has it, too.
            if (pool != null) {
                pool.close();
            }
            context.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Turns turns() {
        return turns;
    }

    /** Which of the GPUs that the driver shows. */
    public int ordinal() {
        return settings.ordinal();
    }

    /** Recordings that were launched as a graph so far. */
    public synchronized long graphLaunches() {
        return graphs.launched();
    }

    @Override
    public synchronized LoadedWeights loaded() {
        return products.loaded();
    }

    // ---- order ----

    /** What every operation begins with, under the lock. */
    private void begin() {
        requireOpen();
        if (!queue.isRecording()) {
            context.enter();
            if (turns.isSecond()) {
                pace.keep();
            }
        }
        queue.beginOperation();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the device was closed");
        }
        if (lost != null) {
            throw new DeviceLostException(lost.getMessage());
        }
    }

    /** An operation that takes next to no time. */
    private synchronized <T> T brief(Supplier<T> operation) {
        return remembering(() -> {
            begin();
            return operation.get();
        });
    }

    /** A device that is lost stays so. */
    private <T> T remembering(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (DeviceLostException e) {
            lost = e;
            throw e;
        }
    }

    private void brief(Runnable operation) {
        brief(() -> {
            operation.run();
            return null;
        });
    }

    /** An operation that may take long: work that can wait lets others go first. */
    private void heavy(Runnable operation) {
        // Inside of a recording the lock is held, for which a step would wait.
        if (!Thread.holdsLock(this)) {
            turns.pass();
        }
        brief(operation);
    }

    @Override
    public <T> T repeated(Supplier<T> operations) {
        if (!settings.graphs() || Thread.holdsLock(this)) {
            return operations.get();
        }
        turns.pass();
        return brief(() -> recorded(operations));
    }

    private <T> T recorded(Supplier<T> operations) {
        core.rounded().clear();
        queue.beginRecording();
        try {
            T result = operations.get();
            queue.endRecording();
            loads.allocated();
            return result;
        } finally {
            queue.dropRecording();
            core.rounded().clear();
        }
    }

    // ---- memory ----

    @Override
    public OptionalLong room() {
        return OptionalLong.of(pool.room());
    }

    @Override
    public List<DType> cacheTypes() {
        return settings.cacheType() == DType.BF16 ? List.of(DType.BF16, DType.F32) : List.of(DType.F32, DType.BF16);
    }

    @Override
    public Tensor allocate(DType dtype, int tensorRows, int cols) {
        return brief(() -> {
            Shapes.allocate(dtype, tensorRows, cols);
            long bytes = (long) tensorRows * cols * dtype.bytes();
            CudaMemory memory = new CudaMemory(pool, bytes);
            Tensor tensor = new Tensor(this, dtype, tensorRows, cols, memory, 0, true);
            core.rounded().written(memory.address(), bytes);
            if (bytes > 0) {
                queue.fill(memory.address(), 0, Math.ceilDiv(bytes, 4));
            }
            loads.allocated();
            return tensor;
        });
    }

    @Override
    public synchronized void release(Tensor tensor) {
        ((CudaMemory) tensor.memory()).free();
    }

    @Override
    public Weight weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        return brief(() -> {
            Shapes.weight(data, stored, out, in, compute);
            return products.weight(data, stored, out, in, compute);
        });
    }

    @Override
    public Weight weight(RowSource source, int out, int in, DType compute) {
        return brief(() -> {
            Shapes.weight(out, in, compute);
            return products.weight(source, out, in, compute);
        });
    }

    @Override
    public Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        return brief(() -> {
            Shapes.merge(base, slab, parts);
            return products.merge(base, slab, parts);
        });
    }

    @Override
    public void write(Tensor dst, float[] src) {
        brief(() -> {
            Shapes.write(dst, src);
            queue.upload(core.out(dst), bytes(dst.dtype(), src));
        });
    }

    private static MemorySegment bytes(DType dtype, float[] values) {
        if (dtype == DType.F32) {
            return MemorySegment.ofArray(values);
        }
        short[] rounded = new short[values.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = BFloat16.bits(values[i]);
        }
        return MemorySegment.ofArray(rounded);
    }

    @Override
    public void load(Tensor dst, float[] src) {
        Shapes.write(dst, src);
        synchronized (loads) {
            long place = brief(() -> core.out(dst));
            remembering(() -> {
                context.enter();
                loads.copy(place, bytes(dst.dtype(), src));
                return place;
            });
            brief(loads::seen);
        }
    }

    @Override
    public void write(Tensor dst, int[] src) {
        brief(() -> {
            Shapes.write(dst, src);
            queue.upload(core.out(dst), MemorySegment.ofArray(src));
        });
    }

    @Override
    public float[] read(Tensor src) {
        return brief(() -> {
            Shapes.numbers("read", src);
            int n = Math.toIntExact(src.size());
            float[] values = new float[n];
            if (src.dtype() == DType.F32) {
                queue.download(MemorySegment.ofArray(values), Core.at(src));
            } else {
                short[] rounded = new short[n];
                queue.download(MemorySegment.ofArray(rounded), Core.at(src));
                for (int i = 0; i < n; i++) {
                    values[i] = BFloat16.value(rounded[i]);
                }
            }
            return values;
        });
    }

    @Override
    public int[] readInts(Tensor src) {
        return brief(() -> {
            Shapes.readInts(src);
            int[] values = new int[Math.toIntExact(src.size())];
            queue.download(MemorySegment.ofArray(values), Core.at(src));
            return values;
        });
    }

    @Override
    public void fill(Tensor dst, float value) {
        brief(() -> {
            Shapes.numbers("fill", dst);
            rows.fill(dst, value);
        });
    }

    @Override
    public void copy(Tensor dst, Tensor src) {
        brief(() -> {
            Shapes.same("copy", dst, src);
            rows.copy(dst, src);
        });
    }

    // ---- rows ----

    @Override
    public void embed(Tensor out, Weight table, Tensor ids) {
        brief(() -> {
            Shapes.embed(out, table, ids);
            products.embed(out, table, ids);
        });
    }

    @Override
    public void gatherRows(Tensor out, Tensor x, int[] which) {
        brief(() -> {
            Shapes.gatherRows(out, x, which);
            rows.gather(out, x, which);
        });
    }

    @Override
    public void scatterAddRows(Tensor out, Tensor x, int[] which) {
        brief(() -> {
            Shapes.scatterAddRows(out, x, which);
            rows.scatterAdd(out, x, which);
        });
    }

    @Override
    public void add(Tensor y, Tensor x) {
        brief(() -> {
            Shapes.same("add", y, x);
            rows.add(y, x);
        });
    }

    @Override
    public void rmsNorm(Tensor out, Tensor x, Tensor gain, float eps) {
        brief(() -> {
            Shapes.rmsNorm(out, x, gain);
            rows.rmsNorm(out, x, gain, eps);
        });
    }

    @Override
    public void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain, float eps) {
        brief(() -> {
            Shapes.rmsNormBackward(dx, dout, x, gain);
            rows.rmsNormBackward(dx, dout, x, gain, eps);
        });
    }

    // ---- products ----

    @Override
    public void matmul(Tensor y, Tensor x, Weight w, Tensor bias) {
        heavy(() -> {
            Shapes.matmul(y, x, w, bias);
            products.matmul(y, x, w, bias);
        });
    }

    @Override
    public void matmulBackward(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        heavy(() -> {
            Shapes.matmulBackward(dx, dy, w);
            products.matmulBackward(dx, dy, w, accumulate);
        });
    }

    @Override
    public void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        heavy(() -> {
            Shapes.logitsBackward(dx, dlogits, head);
            products.logitsBackward(dx, dlogits, head);
        });
    }

    @Override
    public void lora(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans) {
        heavy(() -> {
            Shapes.lora(y, x, slab, spans);
            lora.forward(y, x, slab, spans);
        });
    }

    @Override
    public void loraBackward(Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans) {
        heavy(() -> {
            Shapes.loraBackward(dx, grads, dy, x, slab, spans);
            lora.backward(dx, grads, dy, x, slab, spans);
        });
    }

    @Override
    public void boundLora(Tensor slab, List<LoraBound> bounds) {
        heavy(() -> {
            Shapes.boundLora(slab, bounds);
            lora.bound(slab, bounds);
        });
    }

    @Override
    public double norm(Weight w) {
        return brief(() -> products.norm(w));
    }

    // ---- attention ----

    @Override
    public void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        brief(() -> {
            Shapes.rope(x, positions, cos, sin, headDim);
            rows.rope(x, positions, cos, sin, headDim, 1);
        });
    }

    @Override
    public void ropeBackward(Tensor dx, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        brief(() -> {
            Shapes.rope(dx, positions, cos, sin, headDim);
            rows.rope(dx, positions, cos, sin, headDim, -1);
        });
    }

    @Override
    public void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        brief(() -> {
            Shapes.cacheWrite(cache, k, v, spans);
            attention.cacheWrite(cache, k, v, spans);
        });
    }

    @Override
    public void attention(
            Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        heavy(() -> {
            Shapes.attention(out, q, k, v, shape, cache, spans);
            attention.forward(out, q, k, v, shape, cache, spans);
        });
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
        heavy(() -> {
            Shapes.attentionBackward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
            attention.backward(dq, dk, dv, dout, q, k, v, shape, cache, spans);
        });
    }

    @Override
    public void attentionWeights(Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        brief(() -> {
            Shapes.attentionWeights(out, q, k, shape, cache, span);
            attention.weights(out, q, k, shape, cache, span);
        });
    }

    // ---- gated linear unit ----

    @Override
    public void swiglu(Tensor out, Tensor gate, Tensor up) {
        heavy(() -> {
            Shapes.swiglu(out, gate, up);
            rows.swiglu(out, gate, up);
        });
    }

    @Override
    public void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up) {
        heavy(() -> {
            Shapes.swigluBackward(dgate, dup, dout, gate, up);
            rows.swigluBackward(dgate, dup, dout, gate, up);
        });
    }

    // ---- losses, probabilities, choice ----

    @Override
    public void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales) {
        heavy(() -> {
            Shapes.crossEntropy(losses, dlogits, logits, labels, scales);
            probabilities.crossEntropy(losses, dlogits, logits, labels, scales);
        });
    }

    @Override
    public void softCrossEntropy(
            Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor known, Tensor scales) {
        heavy(() -> {
            Shapes.softCrossEntropy(losses, dlogits, logits, ids, known, scales);
            probabilities.softCrossEntropy(losses, dlogits, logits, ids, known, scales);
        });
    }

    @Override
    public void logProbabilities(Tensor out, Tensor logits, Tensor ids) {
        brief(() -> {
            Shapes.logProbabilities(out, logits, ids);
            probabilities.logProbabilities(out, logits, ids);
        });
    }

    @Override
    public void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        brief(() -> {
            Shapes.topK(ids, logProbabilities, logits);
            sampling.topK(ids, logProbabilities, logits);
        });
    }

    @Override
    public void entropy(Tensor out, Tensor logits) {
        brief(() -> {
            Shapes.entropy(out, logits);
            probabilities.entropy(out, logits);
        });
    }

    @Override
    public void sample(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> choices) {
        brief(() -> {
            Shapes.sample(ids, logProbabilities, logits, vocab, choices);
            sampling.sample(ids, logProbabilities, logits, vocab, choices);
        });
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
        heavy(() -> {
            Shapes.adamW(parameters, gradients, firstMoments, secondMoments, ranges);
            training.adamW(parameters, gradients, firstMoments, secondMoments, hyper, ranges);
        });
    }

    @Override
    public void close() {
        synchronized (loads) {
            synchronized (this) {
                if (!closed) {
                    closed = true;
                    context.settle();
                    graphs.close();
                    issuer.close();
                    loads.close();
                    pace.close();
                    products.close();
                    staging.close();
                    pool.close();
                    context.close();
                }
            }
        }
    }
}

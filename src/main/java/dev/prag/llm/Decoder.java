package dev.prag.llm;

import static dev.prag.lora.Projection.DOWN;
import static dev.prag.lora.Projection.GATE;
import static dev.prag.lora.Projection.K;
import static dev.prag.lora.Projection.O;
import static dev.prag.lora.Projection.Q;
import static dev.prag.lora.Projection.UP;
import static dev.prag.lora.Projection.V;

import dev.prag.lora.Composition;
import dev.prag.lora.Projection;
import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.List;

/**
 * The decoder of the LLaMA family (Touvron et al., 2023; also Qwen2, which adds biases to q, k and v):
 * pre-norm transformer layers of grouped-query attention with rotary positions, and SwiGLU. Written once, against {@link
 * Device}; serving and training run the same {@link #layer}.
 *
 * <p>Holds the weights; all that a call computes lies in the caller's workspace, so calls with different workspaces
 * don't disturb each other. Arguments that don't fit throw IllegalArgumentException.
 */
public final class Decoder implements AutoCloseable {
    private final ModelConfig config;
    private final Device device;
    private final int context;
    private final DecoderWeights weights;
    private final RopeTable rope;
    private final boolean ownsRope;
    private final AttentionShape shape;

    private Decoder(
            ModelConfig config, Device device, int context, DecoderWeights weights, RopeTable rope, boolean ownsRope) {
        this.config = config;
        this.device = device;
        this.context = context;
        this.weights = weights;
        this.rope = rope;
        this.ownsRope = ownsRope;
        boolean exact = weights.layers().getFirst().weight(Q).dtype() == DType.F32;
        this.shape =
                new AttentionShape(config.heads(), config.kvHeads(), config.headDim(), exact ? DType.F32 : DType.BF16);
    }

    /**
     * Hands a model's weights to a device.
     *
     * @param compute F32, BF16 for products of bf16 inputs accumulated in f32, or I8 for products of quantised ones
     * @param context positions that a sequence may have; the model's own maximum bounds it
     * @throws dev.prag.base.UserException if a tensor is missing or has the wrong shape
     */
    public static Decoder load(TensorSource stored, ModelConfig config, Device device, DType compute, int context) {
        int positions = Math.min(context, config.maxPositions());
        DecoderWeights weights = DecoderWeights.load(stored, config, device, compute);
        return new Decoder(config, device, positions, weights, RopeTable.of(device, config, positions), true);
    }

    static AttentionShape attentionShape(ModelConfig config) {
        return new AttentionShape(config.heads(), config.kvHeads(), config.headDim());
    }

    public ModelConfig config() {
        return config;
    }

    public Device device() {
        return device;
    }

    /** Positions that a sequence may have. */
    public int context() {
        return context;
    }

    /** A cache of blocks * blockSize positions, of the type that suits the device best. The caller closes it. */
    public KvCache newCache(int blocks, int blockSize) {
        return newCache(device.cacheTypes().getFirst(), blocks, blockSize);
    }

    /** A cache of blocks * blockSize positions that rounds nothing. The caller closes it. */
    public KvCache newExactCache(int blocks, int blockSize) {
        return newCache(DType.F32, blocks, blockSize);
    }

    private KvCache newCache(DType type, int blocks, int blockSize) {
        return new KvCache(device, type, config.layers(), shape.kvCols(), blocks, blockSize);
    }

    /**
     * Activations for batches of up to {@code maxRows} rows, of which up to {@code maxLogitRows} get logits. The caller
     * closes it.
     */
    public DecoderWorkspace newWorkspace(int maxRows, int maxLogitRows) {
        return new DecoderWorkspace(device, config, maxRows, maxLogitRows);
    }

    /**
     * Runs all layers. The residual stream stays in the workspace for {@link #logits} and {@link #lastAttention}; keys
     * and values of the segments that have blocks are written to the cache.
     *
     * @param cache null where no segment has blocks
     */
    public void forward(Batch batch, DecoderWorkspace workspace, KvCache cache) {
        Activations activations = workspace.layer().rows(batch.rows());
        Pass pass = begin(batch, workspace.ids, workspace.positions, cache, activations.in());
        for (int i = 0; i < config.layers(); i++) {
            layer(i, activations, pass, cache != null);
        }
    }

    /**
     * Logits of chosen rows of the batch that was last run in the workspace.
     *
     * @param rows of the batch, in any order
     * @return [rows, vocab], a view into the workspace
     */
    public Tensor logits(DecoderWorkspace workspace, int[] rows) {
        Tensor chosen = workspace.chosen.rows(0, rows.length);
        Tensor normed = workspace.normedChosen.rows(0, rows.length);
        Tensor logits = workspace.logits.rows(0, rows.length);
        device.gatherRows(chosen, workspace.stream(), rows);
        head(logits, normed, chosen);
        return logits;
    }

    /**
     * The last layer's attention weights of one segment of the batch that was last run in the workspace.
     *
     * @param cache that the batch was run with
     * @return [heads*rows, keys]: row h*rows + i is how row i of the segment attends under head h; a view into the
     *     workspace
     */
    public Tensor lastAttention(DecoderWorkspace workspace, Batch batch, int segment, KvCache cache) {
        Span span = batch.segments().get(segment).span();
        Activations last = workspace.layer().rows(batch.rows());
        Tensor out = workspace.attention(span);
        KvLayer layer = cache == null ? null : cache.layer(config.layers() - 1);
        device.attentionWeights(out, last.q(), last.k(), shape, layer, span);
        return out;
    }

    /**
     * The same decoder with a composition merged into its weights, always from these. It shares everything else, so it
     * must be closed before this one; its own batches run without adapters.
     */
    public Decoder merged(Composition composition) {
        return new Decoder(config, device, context, weights.merged(device, composition), rope, false);
    }

    /** The Frobenius norm of a projection's weight; waits for the device. */
    public double norm(int layer, Projection projection) {
        return device.norm(weights.layers().get(layer).weight(projection));
    }

    /** Bytes of the matrices that {@link #merged} makes new, each counted once. */
    public long mergedBytes(Composition composition) {
        return weights.mergedBytes(composition);
    }

    @Override
    public void close() {
        weights.close();
        if (ownsRope) {
            rope.close();
        }
    }

    // ---- the pass ----

    /** What all layers of one pass share. */
    record Pass(Tensor positions, List<Span> spans, LoraPlan lora, KvCache cache) {
        KvLayer cache(int layer) {
            return cache == null ? null : cache.layer(layer);
        }
    }

    /** Checks the batch, hands its tokens and positions to the device, and embeds the tokens into the stream. */
    Pass begin(Batch batch, Tensor allIds, Tensor allPositions, KvCache cache, Tensor stream) {
        int[] positionOfRow = new int[batch.rows()];
        for (Segment segment : batch.segments()) {
            Span span = segment.span();
            if (span.position() + span.rows() > context) {
                throw new IllegalArgumentException(span + " goes beyond the context of " + context + " positions");
            }
            for (int i = 0; i < span.rows(); i++) {
                positionOfRow[span.row() + i] = span.position() + i;
            }
        }
        for (int id : batch.ids()) {
            if (id < 0 || id >= config.vocabSize()) {
                throw new IllegalArgumentException("id " + id + " is outside the vocabulary of " + config.vocabSize());
            }
        }
        Tensor ids = allIds.rows(0, batch.rows());
        Tensor positions = allPositions.rows(0, batch.rows());
        device.write(ids, batch.ids());
        device.write(positions, positionOfRow);
        device.embed(stream, weights.embedding(), ids);
        List<Span> spans = batch.segments().stream().map(Segment::span).toList();
        return new Pass(positions, spans, LoraPlan.of(batch, config.layers()), cache);
    }

    /**
     * One layer: the residual stream goes through attention, then through the feed-forward network.
     *
     * @param writeCache whether the rows' keys and values are kept; training reads a cached prefix and keeps nothing
     */
    void layer(int index, Activations a, Pass pass, boolean writeCache) {
        DecoderWeights.Layer w = weights.layers().get(index);
        KvLayer cache = pass.cache(index);

        device.rmsNorm(a.normed(), a.in(), w.attentionNorm(), config.rmsNormEps());
        project(a.q(), a.normed(), index, Q, pass.lora());
        project(a.k(), a.normed(), index, K, pass.lora());
        project(a.v(), a.normed(), index, V, pass.lora());
        device.rope(a.q(), pass.positions(), rope.cos(), rope.sin(), shape.headDim());
        device.rope(a.k(), pass.positions(), rope.cos(), rope.sin(), shape.headDim());
        if (writeCache) {
            device.cacheWrite(cache, a.k(), a.v(), pass.spans());
        }
        device.attention(a.attended(), a.q(), a.k(), a.v(), shape, cache, pass.spans());
        project(a.mid(), a.attended(), index, O, pass.lora());
        device.add(a.mid(), a.in());

        device.rmsNorm(a.normed(), a.mid(), w.feedForwardNorm(), config.rmsNormEps());
        project(a.gate(), a.normed(), index, GATE, pass.lora());
        project(a.up(), a.normed(), index, UP, pass.lora());
        device.swiglu(a.activated(), a.gate(), a.up());
        project(a.out(), a.activated(), index, DOWN, pass.lora());
        device.add(a.out(), a.mid());
    }

    /** y ← x·Wᵀ + bias + the side branches of the rows' adapters. */
    private void project(Tensor y, Tensor x, int index, Projection projection, LoraPlan lora) {
        DecoderWeights.Layer w = weights.layers().get(index);
        device.matmul(y, x, w.weight(projection), w.bias(projection));
        List<LoraSpan> spans = lora.spans(index, projection);
        if (!spans.isEmpty()) {
            device.lora(y, x, lora.slab(), spans);
        }
    }

    /** Final norm and output head. */
    void head(Tensor logits, Tensor normed, Tensor stream) {
        device.rmsNorm(normed, stream, weights.finalNorm(), config.rmsNormEps());
        device.matmul(logits, normed, weights.head(), null);
    }

    DecoderWeights weights() {
        return weights;
    }

    RopeTable rope() {
        return rope;
    }

    AttentionShape shape() {
        return shape;
    }
}

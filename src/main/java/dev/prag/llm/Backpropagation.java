package dev.prag.llm;

import static dev.prag.lora.Projection.DOWN;
import static dev.prag.lora.Projection.GATE;
import static dev.prag.lora.Projection.K;
import static dev.prag.lora.Projection.O;
import static dev.prag.lora.Projection.Q;
import static dev.prag.lora.Projection.UP;
import static dev.prag.lora.Projection.V;

import dev.prag.lora.Projection;
import dev.prag.tensor.Device;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import java.util.List;

/**
 * The backward pass of a {@link Decoder} (Rumelhart, Hinton and Williams, 1986), for the adapters alone: the base
 * weights have no gradient, nothing is computed below the first layer that an adapter targets, and within a layer
 * nothing that no adapter needs. Buffers are sized once; not for use by several threads at a time.
 */
public final class Backpropagation implements AutoCloseable {
    /**
     * Tokens to be learned from a batch.
     *
     * @param rows of the batch that predict a labelled token, ascending
     * @param ids the token that each of these rows should predict
     * @param scales the weight of each row's loss in the loss that is differentiated
     */
    public record Labels(int[] rows, int[] ids, float[] scales) {
        /** Nothing to be learned. */
        public static final Labels NONE = new Labels(new int[0], new int[0], new float[0]);
    }

    /**
     * Distributions to be learned from a batch.
     *
     * @param rows of the batch, ascending
     * @param known how many probabilities of each row's distribution are known
     * @param ids [rows, known], the tokens whose probabilities these are
     * @param probabilities [rows, known]; what is missing to 1 is that of all other tokens together
     * @param scales as in {@link Labels}
     */
    public record Distributions(int[] rows, int known, int[] ids, float[] probabilities, float[] scales) {
        /** Nothing to be learned. */
        public static final Distributions NONE =
                new Distributions(new int[0], 1, new int[0], new float[0], new float[0]);
    }

    /**
     * What rows of a batch predict.
     *
     * @param ids [rows, k], the most probable next tokens, best first
     * @param logProbabilities of these
     * @param labels log-probability of each row's label
     */
    public record Predictions(int[] ids, float[] logProbabilities, float[] labels) {}

    /** What keys and values of prefixes may take, but for {@link #LEAST_PREFIX_TOKENS}. */
    private static final long PREFIX_BYTES = 512L << 20;
    /** Of a large model these take more: too few cost more time, as they are read again, than the memory is worth. */
    private static final int LEAST_PREFIX_TOKENS = 10 << 10;

    private static final int MOST_PREFIX_TOKENS = 32 << 10;

    private final Decoder decoder;
    private final Device device;
    private final TrainingWorkspace ws;
    private final OutputLayer output;

    /**
     * @param maxRows rows that a batch may have
     * @param activationBytes memory for activations beyond the layers' inputs; where it doesn't suffice for all layers,
     *     the lower ones are computed twice
     */
    public Backpropagation(Decoder decoder, int maxRows, long activationBytes) {
        this.decoder = decoder;
        this.device = decoder.device();
        this.ws = new TrainingWorkspace(device, decoder.config(), maxRows, activationBytes);
        this.output = new OutputLayer(decoder, ws);
    }

    public int maxRows() {
        return ws.maxRows;
    }

    /** Rows of a batch up to which no layer is computed twice; at least one. */
    public int rowsKept() {
        return Math.max(1, ws.rowsKept());
    }

    /** Tokens whose keys and values sequences may read as their prefixes, at most. */
    public int prefixTokens() {
        return prefixTokens(decoder.config());
    }

    /** The same for any model of that shape. */
    static int prefixTokens(ModelConfig config) {
        return (int) Math.clamp(PREFIX_BYTES / MemoryNeeds.prefix(config, 1), LEAST_PREFIX_TOKENS, MOST_PREFIX_TOKENS);
    }

    /** Tokens of one prefix whose keys and values there is memory for. */
    public int longestPrefix() {
        return Math.min(ws.maxRows, prefixTokens());
    }

    /** As {@link #run(Batch, Labels, Distributions, KvCache, Tensor)}, of tokens alone. */
    public float[] run(Batch batch, Labels labels, KvCache prefix, Tensor gradients) {
        return run(batch, labels, Distributions.NONE, prefix, gradients);
    }

    /**
     * Runs a batch forward and backward. All adapters of its segments lie in one slab.
     *
     * @param prefix cache that segments read which start after position 0; null where none does. It is not written, and
     *     no gradient flows into it.
     * @param gradients shaped like the slab; the adapters' gradients are added at the adapters' own offsets
     * @return the loss of each labelled row, then the cross-entropy of each row against its distribution, in nats; waits
     *     for the device
     */
    public float[] run(Batch batch, Labels labels, Distributions distributions, KvCache prefix, Tensor gradients) {
        int rows = batch.rows();
        int layers = decoder.config().layers();
        Decoder.Pass pass = forward(batch, prefix, false);
        Tensor dStream = ws.dStream.rows(0, rows);
        device.fill(dStream, 0);
        Tensor stream = ws.layer(layers - 1, rows).out();
        output.crossEntropy(labels, stream, dStream);
        output.softCrossEntropy(distributions, labels.rows().length, stream, dStream);
        int lowest = pass.lora().lowestLayer();
        for (int i = layers - 1; i >= lowest; i--) {
            Activations activations = ws.layer(i, rows);
            if (!ws.keeps(i, rows)) {
                decoder.layer(i, activations, pass, false);
            }
            new LayerGradient(i, activations, pass, gradients, i > lowest).run();
        }
        return device.read(ws.losses.rows(0, labels.rows().length + distributions.rows().length));
    }

    /**
     * The loss of each row, in nats, without a backward pass; scales don't count. Waits for the device.
     *
     * @param prefix as in {@link #run(Batch, Labels, Distributions, KvCache, Tensor)}
     */
    public float[] losses(Batch batch, Labels labels, KvCache prefix) {
        forward(batch, prefix, false);
        output.crossEntropy(
                labels, ws.layer(decoder.config().layers() - 1, batch.rows()).out(), null);
        return device.read(ws.losses.rows(0, labels.rows().length));
    }

    /**
     * What the labelled rows predict; waits for the device.
     *
     * @param prefix as in {@link #run(Batch, Labels, Distributions, KvCache, Tensor)}
     * @param k how many next tokens are wanted of each row
     */
    public Predictions predict(Batch batch, Labels labels, KvCache prefix, int k) {
        forward(batch, prefix, false);
        return output.predict(
                labels, ws.layer(decoder.config().layers() - 1, batch.rows()).out(), k);
    }

    /** Writes the keys and values of a batch's rows to a cache, for others to read as their prefix. */
    public void keep(Batch batch, KvCache cache) {
        forward(batch, cache, true);
    }

    private Decoder.Pass forward(Batch batch, KvCache cache, boolean writeCache) {
        int rows = batch.rows();
        Decoder.Pass pass = decoder.begin(
                batch, ws.ids, ws.positions, cache, ws.layer(0, rows).in());
        for (int i = 0; i < decoder.config().layers(); i++) {
            decoder.layer(i, ws.layer(i, rows), pass, writeCache);
        }
        return pass;
    }

    private float eps() {
        return decoder.config().rmsNormEps();
    }

    @Override
    public void close() {
        output.close();
        ws.close();
    }

    /**
     * One layer backward: {@code dStream} comes in as the gradient of the layer's output and, where something below
     * needs it, goes out as that of its input.
     */
    private final class LayerGradient {
        private final int index;
        private final Activations a;
        private final Decoder.Pass pass;
        private final Tensor gradients;
        private final DecoderWeights.Layer w;
        private final boolean needsInput;
        private final Tensor dStream;
        private final Tensor dNormed;

        LayerGradient(int index, Activations a, Decoder.Pass pass, Tensor gradients, boolean needsInput) {
            this.index = index;
            this.a = a;
            this.pass = pass;
            this.gradients = gradients;
            this.needsInput = needsInput;
            this.w = decoder.weights().layers().get(index);
            this.dStream = rows(ws.dStream);
            this.dNormed = rows(ws.dNormed);
        }

        void run() {
            boolean needsMid = needsInput || targets(Q, K, V, O);
            feedForward(needsMid);
            if (needsMid) {
                attention();
            }
        }

        private void feedForward(boolean needsMid) {
            boolean needsActivated = needsMid || targets(GATE, UP);
            Tensor dGate = rows(ws.dGate);
            Tensor dUp = rows(ws.dUp);
            if (targets(DOWN)) {
                device.swiglu(a.activated(), a.gate(), a.up());
            }
            project(needsActivated ? dUp : null, false, dStream, a.activated(), DOWN);
            if (needsActivated) {
                device.swigluBackward(dGate, dUp, dUp, a.gate(), a.up());
                if (targets(GATE, UP)) {
                    device.rmsNorm(a.normed(), a.mid(), w.feedForwardNorm(), eps());
                }
                project(needsMid ? dNormed : null, false, dGate, a.normed(), GATE);
                project(needsMid ? dNormed : null, true, dUp, a.normed(), UP);
            }
            if (needsMid) {
                device.rmsNormBackward(dStream, dNormed, a.mid(), w.feedForwardNorm(), eps());
            }
        }

        private void attention() {
            boolean needsAttended = needsInput || targets(Q, K, V);
            Tensor dQ = rows(ws.dQ);
            Tensor dK = rows(ws.dK);
            Tensor dV = rows(ws.dV);
            Tensor dAttended = rows(ws.dAttended);
            project(needsAttended ? dAttended : null, false, dStream, a.attended(), O);
            if (!needsAttended) {
                return;
            }
            device.attentionBackward(
                    dQ, dK, dV, dAttended, a.q(), a.k(), a.v(), decoder.shape(), pass.cache(index), pass.spans());
            unrotate(dQ);
            unrotate(dK);
            if (targets(Q, K, V)) {
                device.rmsNorm(a.normed(), a.in(), w.attentionNorm(), eps());
            }
            project(needsInput ? dNormed : null, false, dQ, a.normed(), Q);
            project(needsInput ? dNormed : null, true, dK, a.normed(), K);
            project(needsInput ? dNormed : null, true, dV, a.normed(), V);
            if (needsInput) {
                device.rmsNormBackward(dStream, dNormed, a.in(), w.attentionNorm(), eps());
            }
        }

        private void unrotate(Tensor gradient) {
            device.ropeBackward(
                    gradient,
                    pass.positions(),
                    decoder.rope().cos(),
                    decoder.rope().sin(),
                    decoder.shape().headDim());
        }

        /** Through one projection: dx ← dy·W (or dx += it) where dx is wanted, and the adapters' gradients. */
        private void project(Tensor dx, boolean accumulate, Tensor dy, Tensor x, Projection projection) {
            if (dx != null) {
                device.matmulBackward(dx, dy, w.weight(projection), accumulate);
            }
            List<LoraSpan> spans = pass.lora().spans(index, projection);
            if (!spans.isEmpty()) {
                device.loraBackward(dx, gradients, dy, x, pass.lora().slab(), spans);
            }
        }

        private boolean targets(Projection... projections) {
            return pass.lora().targets(index, projections);
        }

        private Tensor rows(Tensor buffer) {
            return buffer.rows(0, a.in().rows());
        }
    }
}

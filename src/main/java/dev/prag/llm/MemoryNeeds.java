package dev.prag.llm;

import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;

/** Bytes of a device's memory that a model of a configuration takes, before any of it is reserved. */
public final class MemoryNeeds {
    /** Tables of spans and adapters, and what copies to the device pass through. */
    private static final long OPERATION_TABLES = 32L << 20;

    /** Rows that tokens are chosen for at once, and bytes for each token of the vocabulary meanwhile. */
    private static final int CHOSEN_ROWS = 64;

    private static final int CHOICE_BYTES = 12;

    /** Parts of a long context whose attention is computed side by side. */
    private static final int CONTEXT_PARTS = 32;

    private MemoryNeeds() {}

    /**
     * The weights: every matrix as it is, and those of products once more in the order that products want.
     *
     * @param compute type of the products
     * @param inPlace whether the file's own memory serves as the first of these, which then isn't counted
     */
    public static long weights(ModelConfig config, DType compute, boolean inPlace) {
        return compute.bytes() * ((inPlace ? 0 : matrices(config)) + projections(config) + table(config));
    }

    /** The weights on a device that keeps each matrix once, in memory of its own. */
    public static long weightsOnce(ModelConfig config, DType compute) {
        return compute.bytes() * matrices(config);
    }

    /** Elements of all matrices. */
    private static long matrices(ModelConfig config) {
        return projections(config) + table(config) * (config.tiedEmbeddings() ? 1 : 2);
    }

    private static long projections(ModelConfig config) {
        long elements = 0;
        DecoderShape shape = config.decoderShape();
        for (Projection projection : Projection.values()) {
            elements +=
                    (long) shape.dims(projection).in() * shape.dims(projection).out();
        }
        return elements * config.layers();
    }

    private static long table(ModelConfig config) {
        return (long) config.vocabSize() * config.hiddenSize();
    }

    /**
     * What operations on a device with memory of its own need beside their operands, at most: rounded copies of their
     * inputs, parts of sums, tables, tokens in their order.
     *
     * @param rows tokens in a batch
     */
    public static long operations(ModelConfig config, int rows) {
        long widest = Math.max(config.intermediateSize(), 2L * config.hiddenSize());
        long choices = (long) CHOICE_BYTES * Math.min(rows, CHOSEN_ROWS) * config.vocabSize();
        long parts = (long) CONTEXT_PARTS * Math.min(rows, CHOSEN_ROWS) * config.heads() * (config.headDim() + 2);
        long ofRows = 3L * rows * config.heads();
        return OPERATION_TABLES
                + DType.BF16.bytes() * 2 * rows * widest
                + choices
                + Float.BYTES * Math.max(parts, ofRows);
    }

    /**
     * Activations of a forward pass.
     *
     * @param rows tokens in a batch
     * @param logitRows rows whose logits are wanted
     */
    public static long decoding(ModelConfig config, int rows, int logitRows) {
        long hidden = config.hiddenSize();
        long perRow = 2 * hidden + 2 + Activations.floatsPerRow(config);
        return Float.BYTES * (rows * perRow + logitRows * (2 * hidden + config.vocabSize()));
    }

    /**
     * Activations and gradients of a training step, and the keys and values of prefixes.
     *
     * @param rows tokens in a batch
     * @param activationBytes bound on what is kept for the way back
     */
    public static long training(ModelConfig config, int rows, long activationBytes) {
        AttentionShape attention = Decoder.attentionShape(config);
        long hidden = config.hiddenSize();
        long kept = Activations.floatsPerRow(config) * rows;
        long arena = Math.max(kept, Math.min(activationBytes / Float.BYTES, kept * config.layers()));
        long gradients =
                2 * hidden + 2L * attention.queryCols() + 2L * attention.kvCols() + 2L * config.intermediateSize();
        long streams = (config.layers() + 2) * hidden + config.intermediateSize();
        long chunk = Math.min(TrainingWorkspace.LOGIT_ROWS, rows) * (3 * hidden + config.vocabSize());
        return Float.BYTES * (arena + rows * (gradients + streams + 5) + chunk) + prefixes(config);
    }

    /** Keys and values of prefixes that are kept while adapters are trained. */
    static long prefixes(ModelConfig config) {
        return prefix(config, Backpropagation.prefixTokens(config));
    }

    /** Keys and values of a prefix of so many tokens. */
    static long prefix(ModelConfig config, int tokens) {
        return 2L * Float.BYTES * Decoder.attentionShape(config).kvCols() * config.layers() * tokens;
    }
}

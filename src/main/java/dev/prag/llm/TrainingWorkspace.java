package dev.prag.llm;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Activations and gradients of a training step, sized once. Every layer's input is kept; what else the backward pass
 * needs is kept for as many layers as the memory budget allows for the batch's rows, counted from the top. The layers
 * below share one place and are computed a second time (activation checkpointing; Chen et al., 2016).
 */
final class TrainingWorkspace implements AutoCloseable {
    /**
     * Rows whose logits are computed at a time. Every chunk reads the whole output head twice, so fewer would make the
     * loss a matter of memory bandwidth; more would gain nothing and take memory.
     */
    static final int LOGIT_ROWS = 512;

    private final List<Tensor> owned = new ArrayList<>();
    /** The residual stream: the input of every layer, and the output of the last. */
    private final List<Tensor> streams = new ArrayList<>();

    private final Tensor normed;
    private final Tensor activated;
    private final ActivationArena arena;
    private final long floatsPerRow;
    private final int layerCount;
    private final Device device;
    final int maxRows;
    final Tensor ids;
    final Tensor positions;

    // The loss, for the rows that have a label and for a chunk of them.
    final Tensor labels;
    final Tensor scales;
    final Tensor losses;
    final Tensor chunk;
    final Tensor normedChunk;
    final Tensor chunkGradient;
    final Tensor logits;

    // Gradients of what Activations names, shared by all layers.
    final Tensor dStream;
    final Tensor dNormed;
    final Tensor dQ;
    final Tensor dK;
    final Tensor dV;
    final Tensor dAttended;
    final Tensor dGate;
    final Tensor dUp;

    TrainingWorkspace(Device device, ModelConfig config, int maxRows, long activationBytes) {
        this.device = device;
        this.maxRows = maxRows;
        int hidden = config.hiddenSize();
        AttentionShape shape = Decoder.attentionShape(config);
        ids = own(DType.I32, maxRows, 1);
        positions = own(DType.I32, maxRows, 1);

        labels = own(DType.I32, maxRows, 1);
        scales = own(DType.F32, maxRows, 1);
        losses = own(DType.F32, maxRows, 1);
        int chunkRows = Math.min(LOGIT_ROWS, maxRows);
        chunk = own(DType.F32, chunkRows, hidden);
        normedChunk = own(DType.F32, chunkRows, hidden);
        chunkGradient = own(DType.F32, chunkRows, hidden);
        logits = own(DType.F32, chunkRows, config.vocabSize());

        dStream = own(DType.F32, maxRows, hidden);
        dNormed = own(DType.F32, maxRows, hidden);
        dQ = own(DType.F32, maxRows, shape.queryCols());
        dK = own(DType.F32, maxRows, shape.kvCols());
        dV = own(DType.F32, maxRows, shape.kvCols());
        dAttended = own(DType.F32, maxRows, shape.queryCols());
        dGate = own(DType.F32, maxRows, config.intermediateSize());
        dUp = own(DType.F32, maxRows, config.intermediateSize());

        floatsPerRow = Activations.floatsPerRow(config);
        layerCount = config.layers();
        long wanted = Math.min(activationBytes / Float.BYTES, layerCount * floatsPerRow * maxRows);
        arena = new ActivationArena(device, config, Math.max(wanted, floatsPerRow * maxRows));
        normed = own(DType.F32, maxRows, hidden);
        activated = own(DType.F32, maxRows, config.intermediateSize());
        for (int i = 0; i <= layerCount; i++) {
            streams.add(own(DType.F32, maxRows, hidden));
        }
    }

    private Tensor own(DType dtype, int rows, int cols) {
        Tensor tensor = device.allocate(dtype, rows, cols);
        owned.add(tensor);
        return tensor;
    }

    /** A layer's activations for a batch of so many rows. */
    Activations layer(int index, int rows) {
        int place = Math.max(0, index - firstKept(rows));
        return arena.at(
                place,
                rows,
                streams.get(index).rows(0, rows),
                normed.rows(0, rows),
                activated.rows(0, rows),
                streams.get(index + 1).rows(0, rows));
    }

    /** Whether a layer's activations are still there after the forward pass of so many rows. */
    boolean keeps(int index, int rows) {
        return index >= firstKept(rows);
    }

    private int firstKept(int rows) {
        return layerCount - (int) Math.clamp(arena.size() / (floatsPerRow * rows), 1, layerCount);
    }

    /** Rows of a batch up to which no layer is computed twice. */
    int rowsKept() {
        return (int) Math.min(maxRows, arena.size() / (floatsPerRow * layerCount));
    }

    /** Rows of logits computed at a time. */
    int chunkRows() {
        return logits.rows();
    }

    @Override
    public void close() {
        arena.close();
        owned.forEach(Tensor::close);
    }
}

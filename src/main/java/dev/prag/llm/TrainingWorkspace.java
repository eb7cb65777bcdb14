package dev.prag.llm;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Activations and gradients of a training step, sized once. Every layer's input is kept; what else the backward pass
 * needs is kept for as many layers as the memory budget allows, counted from the top. The layers below share one set of
 * tensors and are computed a second time (activation checkpointing; Chen et al., 2016).
 */
final class TrainingWorkspace implements AutoCloseable {
    /**
     * Rows whose logits are computed at a time. Every chunk reads the whole output head twice, so fewer would make the
     * loss a matter of memory bandwidth; more would gain nothing and take memory.
     */
    private static final int LOGIT_ROWS = 512;

    private final List<Tensor> owned = new ArrayList<>();
    private final List<Activations> layers = new ArrayList<>();
    private final List<Activations> allocated = new ArrayList<>();
    private final Device device;
    private final int firstKept;
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

        long layerBytes = Activations.floatsPerRow(config) * maxRows * Float.BYTES;
        int kept = (int) Math.clamp(activationBytes / layerBytes, 1, config.layers());
        firstKept = config.layers() - kept;
        Tensor normed = own(DType.F32, maxRows, hidden);
        Tensor activated = own(DType.F32, maxRows, config.intermediateSize());
        Tensor in = own(DType.F32, maxRows, hidden);
        for (int i = 0; i < config.layers(); i++) {
            Tensor out = own(DType.F32, maxRows, hidden);
            if (i == 0 || i > firstKept) {
                allocated.add(Activations.allocate(device, config, in, normed, activated, out));
            }
            layers.add(allocated.getLast().between(in, out));
            in = out;
        }
    }

    private Tensor own(DType dtype, int rows, int cols) {
        Tensor tensor = device.allocate(dtype, rows, cols);
        owned.add(tensor);
        return tensor;
    }

    /** The first rows of a layer's activations. */
    Activations layer(int index, int rows) {
        return layers.get(index).rows(rows);
    }

    /** Whether the layer's activations are still there after the forward pass. */
    boolean keeps(int index) {
        return index >= firstKept;
    }

    /** Rows of logits computed at a time. */
    int chunkRows() {
        return logits.rows();
    }

    @Override
    public void close() {
        allocated.forEach(Activations::free);
        owned.forEach(Tensor::close);
    }
}

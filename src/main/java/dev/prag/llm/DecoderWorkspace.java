package dev.prag.llm;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;

/**
 * The activations of one forward pass, sized once and used again for every batch. What a call leaves in it stays valid
 * until the next call with the same workspace.
 */
public final class DecoderWorkspace implements AutoCloseable {
    private final Device device;
    private final AttentionShape shape;
    private final int maxRows;
    private final int maxLogitRows;
    private final Tensor stream;
    private final Activations layer;
    final Tensor ids;
    final Tensor positions;
    /** Rows of the residual stream whose logits are wanted, [maxLogitRows, hidden], as they are and normalised. */
    final Tensor chosen;

    final Tensor normedChosen;
    final Tensor logits;
    private Tensor attention;

    DecoderWorkspace(Device device, ModelConfig config, int maxRows, int maxLogitRows) {
        this.device = device;
        this.shape = Decoder.attentionShape(config);
        this.maxRows = maxRows;
        this.maxLogitRows = maxLogitRows;
        int hidden = config.hiddenSize();
        stream = device.allocate(DType.F32, maxRows, hidden);
        layer = Activations.allocate(device, config, stream, device.allocate(DType.F32, maxRows, hidden), null, stream);
        ids = device.allocate(DType.I32, maxRows, 1);
        positions = device.allocate(DType.I32, maxRows, 1);
        chosen = device.allocate(DType.F32, maxLogitRows, hidden);
        normedChosen = device.allocate(DType.F32, maxLogitRows, hidden);
        logits = device.allocate(DType.F32, maxLogitRows, config.vocabSize());
    }

    /** Rows that a batch may have. */
    public int maxRows() {
        return maxRows;
    }

    /** Rows whose logits may be asked for at once. */
    public int maxLogitRows() {
        return maxLogitRows;
    }

    /** The tensors of whichever layer runs. */
    Activations layer() {
        return layer;
    }

    /** The residual stream, after a forward pass that of the last layer. */
    Tensor stream() {
        return stream;
    }

    /** [heads*rows, keys] of one span; grows as it must. */
    Tensor attention(Span span) {
        int rows = shape.heads() * span.rows();
        int keys = span.position() + span.rows();
        if (attention == null || attention.size() < (long) rows * keys) {
            if (attention != null) {
                attention.close();
            }
            attention = device.allocate(DType.F32, rows, keys);
        }
        return attention.reshape(rows, keys);
    }

    @Override
    public void close() {
        layer.free();
        layer.normed().close();
        for (Tensor tensor : new Tensor[] {stream, ids, positions, chosen, normedChosen, logits}) {
            tensor.close();
        }
        if (attention != null) {
            attention.close();
        }
    }
}

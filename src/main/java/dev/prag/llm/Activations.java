package dev.prag.llm;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;

/**
 * What one decoder layer computes for R rows, all F32. The residual stream comes in as {@code in} and goes out as
 * {@code out}. Serving gives every layer the same tensors, with {@code out} the same as {@code in} and {@code
 * activated} the same as {@code gate}; training keeps those apart that the backward pass needs.
 *
 * @param in [R, hidden]: the residual stream before the layer
 * @param normed [R, hidden]: the input of q, k, v, then that of gate and up
 * @param q [R, heads*headDim], rotated
 * @param k [R, kvHeads*headDim], rotated
 * @param v [R, kvHeads*headDim]
 * @param attended [R, heads*headDim]: the input of o
 * @param mid [R, hidden]: the residual stream between attention and feed-forward
 * @param gate [R, intermediate]
 * @param up [R, intermediate]
 * @param activated [R, intermediate]: the input of down
 * @param out [R, hidden]: the residual stream after the layer
 */
record Activations(
        Tensor in,
        Tensor normed,
        Tensor q,
        Tensor k,
        Tensor v,
        Tensor attended,
        Tensor mid,
        Tensor gate,
        Tensor up,
        Tensor activated,
        Tensor out) {

    /** Allocates what isn't given: q, k, v, attended, mid, gate and up. */
    static Activations allocate(
            Device device, ModelConfig config, Tensor in, Tensor normed, Tensor activated, Tensor out) {
        int rows = in.rows();
        AttentionShape attention = Decoder.attentionShape(config);
        Tensor gate = device.allocate(DType.F32, rows, config.intermediateSize());
        return new Activations(
                in,
                normed,
                device.allocate(DType.F32, rows, attention.queryCols()),
                device.allocate(DType.F32, rows, attention.kvCols()),
                device.allocate(DType.F32, rows, attention.kvCols()),
                device.allocate(DType.F32, rows, attention.queryCols()),
                device.allocate(DType.F32, rows, config.hiddenSize()),
                gate,
                device.allocate(DType.F32, rows, config.intermediateSize()),
                activated == null ? gate : activated,
                out);
    }

    /** F32 elements a row of what {@link #allocate} allocates. */
    static long floatsPerRow(ModelConfig config) {
        AttentionShape attention = Decoder.attentionShape(config);
        return 2L * attention.queryCols()
                + 2L * attention.kvCols()
                + config.hiddenSize()
                + 2L * config.intermediateSize();
    }

    /** The first rows, as views. */
    Activations rows(int count) {
        return new Activations(
                in.rows(0, count),
                normed.rows(0, count),
                q.rows(0, count),
                k.rows(0, count),
                v.rows(0, count),
                attended.rows(0, count),
                mid.rows(0, count),
                gate.rows(0, count),
                up.rows(0, count),
                activated.rows(0, count),
                out.rows(0, count));
    }

    /** Frees what {@link #allocate} allocated. */
    void free() {
        q.close();
        k.close();
        v.close();
        attended.close();
        mid.close();
        gate.close();
        up.close();
    }
}

package dev.prag.llm;

import dev.prag.lora.Composition;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A decoder's frozen parameters on the device. Closing it frees what it brought there itself; a merged copy shares the
 * rest with the weights it was made from.
 *
 * @param embedding [vocab, hidden]
 * @param head [vocab, hidden]; the embedding itself where the model ties them
 * @param owned frees each thing that belongs to these weights alone
 */
record DecoderWeights(Weight embedding, List<Layer> layers, Tensor finalNorm, Weight head, List<Runnable> owned)
        implements AutoCloseable {

    /**
     * One layer.
     *
     * @param attentionNorm gain [1, hidden]
     * @param feedForwardNorm gain [1, hidden]
     * @param biases of the projections that have one, [1, out]
     */
    record Layer(
            Tensor attentionNorm,
            Tensor feedForwardNorm,
            Map<Projection, Weight> projections,
            Map<Projection, Tensor> biases) {
        Weight weight(Projection projection) {
            return projections.get(projection);
        }

        /** Null where the projection has no bias. */
        Tensor bias(Projection projection) {
            return biases.get(projection);
        }
    }

    /** Hands a model's tensors to the device. */
    static DecoderWeights load(TensorSource stored, ModelConfig config, Device device, DType compute) {
        Loader loader = new Loader(stored, device, compute, new ArrayList<>());
        try {
            return loader.load(config);
        } catch (RuntimeException | Error e) {
            closeAll(loader.owned);
            throw e;
        }
    }

    private record Loader(TensorSource stored, Device device, DType compute, List<Runnable> owned) {
        DecoderWeights load(ModelConfig config) {
            int hidden = config.hiddenSize();
            Weight embedding = weight("model.embed_tokens.weight", config.vocabSize(), hidden);
            Weight head = config.tiedEmbeddings() ? embedding : weight("lm_head.weight", config.vocabSize(), hidden);
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < config.layers(); i++) {
                layers.add(layer(config, "model.layers." + i + "."));
            }
            return new DecoderWeights(embedding, List.copyOf(layers), vector("model.norm.weight", hidden), head, owned);
        }

        private Layer layer(ModelConfig config, String prefix) {
            Map<Projection, Weight> projections = new EnumMap<>(Projection.class);
            Map<Projection, Tensor> biases = new EnumMap<>(Projection.class);
            for (Projection projection : Projection.values()) {
                DecoderShape.Dims dims = config.decoderShape().dims(projection);
                projections.put(projection, weight(prefix + projection.path() + ".weight", dims.out(), dims.in()));
                if (config.hasBias(projection)) {
                    biases.put(projection, vector(prefix + projection.path() + ".bias", dims.out()));
                }
            }
            return new Layer(
                    vector(prefix + "input_layernorm.weight", config.hiddenSize()),
                    vector(prefix + "post_attention_layernorm.weight", config.hiddenSize()),
                    projections,
                    biases);
        }

        private Weight weight(String name, int out, int in) {
            try {
                Weight weight = stored.weight(device, name, out, in, compute);
                owned.add(weight::close);
                return weight;
            } catch (InternalError e) {
                throw stored.unreadable(name, e);
            }
        }

        private Tensor vector(String name, int size) {
            Tensor vector = device.allocate(DType.F32, 1, size);
            owned.add(vector::close);
            StoredTensor tensor = stored.require(name, size);
            try {
                tensor.requireFinite("the model's weights", "copy the model's folder again");
                device.write(vector, tensor.toFloats());
            } catch (InternalError e) {
                throw stored.unreadable(name, e);
            }
            return vector;
        }
    }

    /** The weights W + Σ wᵢ·sᵢ·BᵢAᵢ; only the projections that an adapter targets are new. */
    DecoderWeights merged(Device device, Composition composition) {
        List<Runnable> merged = new ArrayList<>();
        try {
            List<Layer> newLayers = new ArrayList<>();
            for (int i = 0; i < layers.size(); i++) {
                Map<Projection, Weight> projections =
                        new EnumMap<>(layers.get(i).projections());
                for (Projection projection : Projection.values()) {
                    List<LoraSpan.Part> parts = LoraPlan.parts(composition, i, projection);
                    if (!parts.isEmpty()) {
                        Tensor slab = composition.terms().getFirst().adapter().slab();
                        Weight weight = device.merge(projections.get(projection), slab, parts);
                        merged.add(weight::close);
                        projections.put(projection, weight);
                    }
                }
                Layer layer = layers.get(i);
                newLayers.add(new Layer(layer.attentionNorm(), layer.feedForwardNorm(), projections, layer.biases()));
            }
            return new DecoderWeights(embedding, newLayers, finalNorm, head, merged);
        } catch (RuntimeException | Error e) {
            closeAll(merged);
            throw e;
        }
    }

    /** Bytes of the projections that a composition targets. */
    long mergedBytes(Composition composition) {
        long bytes = 0;
        for (int i = 0; i < layers.size(); i++) {
            for (Projection projection : Projection.values()) {
                if (!LoraPlan.parts(composition, i, projection).isEmpty()) {
                    Weight weight = layers.get(i).weight(projection);
                    bytes += (long) weight.dtype().bytes() * weight.out() * weight.in();
                }
            }
        }
        return bytes;
    }

    @Override
    public void close() {
        closeAll(owned);
    }

    private static void closeAll(List<Runnable> owned) {
        owned.forEach(Runnable::run);
    }
}

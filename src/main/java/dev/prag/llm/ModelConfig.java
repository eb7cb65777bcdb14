package dev.prag.llm;

import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shape of a decoder of the LLaMA family, as config.json gives it.
 *
 * @param modelType {@code llama} or {@code qwen2}
 * @param vocabSize rows of the embedding; may be more than the tokenizer has tokens
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the feed-forward network
 * @param layers number of decoder layers
 * @param heads number of query heads
 * @param kvHeads number of key and value heads, a divisor of {@code heads}
 * @param headDim elements of a head, even; {@code heads * headDim} may differ from {@code hiddenSize}
 * @param rmsNormEps added to the mean square in each normalisation
 * @param rope the rotary position embedding
 * @param maxPositions positions that the model was made for
 * @param tiedEmbeddings whether the embedding serves as output head too
 * @param attentionBias whether the projections q, k and v have a bias
 * @param outputBias whether the projection o has a bias
 * @param bosId the token that begins a text, if any
 * @param eosIds the tokens that end one; generation_config.json may name others
 */
public record ModelConfig(
        String modelType,
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        float rmsNormEps,
        RopeScaling rope,
        int maxPositions,
        boolean tiedEmbeddings,
        boolean attentionBias,
        boolean outputBias,
        Optional<Integer> bosId,
        List<Integer> eosIds) {

    /**
     * The rotary position embedding (Su et al., 2021), with the rescaling of Llama 3.1 where the type says so.
     *
     * @param theta base of the frequencies
     * @param factor how many times longer the context became; 1 for DEFAULT, as are the two below
     * @param lowFreqFactor waves longer than originalContext/lowFreqFactor are slowed down by the factor
     * @param highFreqFactor waves shorter than originalContext/highFreqFactor stay
     * @param originalContext positions before the rescaling
     */
    public record RopeScaling(
            float theta, Type type, float factor, float lowFreqFactor, float highFreqFactor, int originalContext) {
        /** How frequencies are rescaled. */
        public enum Type {
            DEFAULT,
            LLAMA3
        }

        /** No rescaling. */
        public static RopeScaling plain(float theta, int context) {
            return new RopeScaling(theta, Type.DEFAULT, 1, 1, 1, context);
        }
    }

    public ModelConfig {
        eosIds = List.copyOf(eosIds);
    }

    /** Sizes of the seven projections. */
    public DecoderShape decoderShape() {
        int queries = heads * headDim;
        int keys = kvHeads * headDim;
        Map<Projection, DecoderShape.Dims> dims = new EnumMap<>(Projection.class);
        dims.put(Projection.Q, new DecoderShape.Dims(hiddenSize, queries));
        dims.put(Projection.K, new DecoderShape.Dims(hiddenSize, keys));
        dims.put(Projection.V, new DecoderShape.Dims(hiddenSize, keys));
        dims.put(Projection.O, new DecoderShape.Dims(queries, hiddenSize));
        dims.put(Projection.GATE, new DecoderShape.Dims(hiddenSize, intermediateSize));
        dims.put(Projection.UP, new DecoderShape.Dims(hiddenSize, intermediateSize));
        dims.put(Projection.DOWN, new DecoderShape.Dims(intermediateSize, hiddenSize));
        return new DecoderShape(layers, dims);
    }

    /** Whether that projection has a bias. */
    public boolean hasBias(Projection projection) {
        return switch (projection) {
            case Q, K, V -> attentionBias;
            case O -> outputBias;
            case GATE, UP, DOWN -> false;
        };
    }

    /** Number of parameters, a tied embedding counted once. */
    public long parameters() {
        long perLayer = 2L * hiddenSize;
        for (Projection projection : Projection.values()) {
            DecoderShape.Dims dims = decoderShape().dims(projection);
            perLayer += (long) dims.in() * dims.out() + (hasBias(projection) ? dims.out() : 0);
        }
        long embedding = (long) vocabSize * hiddenSize;
        return layers * perLayer + hiddenSize + (tiedEmbeddings ? embedding : 2 * embedding);
    }
}

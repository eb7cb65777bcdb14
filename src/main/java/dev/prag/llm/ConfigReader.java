package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.llm.ModelConfig.RopeScaling;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads config.json in the spellings that transformers has used ({@code rope_theta}, {@code rope_scaling} and the newer
 * {@code rope_parameters}; where both are there, version 5 takes the former whole), with its defaults for what is left out. What would need other arithmetic is refused by name.
 */
final class ConfigReader {
    /** Architecture that each supported model type has. */
    private static final Map<String, String> ARCHITECTURES =
            Map.of("llama", "LlamaForCausalLM", "qwen2", "Qwen2ForCausalLM");

    private static final String SUPPORTED = "; supported are llama (LLaMA 3, 3.1, 3.2) and qwen2 (Qwen2, Qwen2.5)";
    private static final int MAX_WIDTH = 1 << 20;

    private final JsonFile json;

    private ConfigReader(JsonFile json) {
        this.json = json;
    }

    static ModelConfig read(JsonFile json) {
        return new ConfigReader(json).config();
    }

    private ModelConfig config() {
        String modelType = modelType();
        boolean qwen = modelType.equals("qwen2");
        refuseOtherArithmetic();
        int vocabSize = json.integer("vocab_size", 1, 1 << 26);
        int hidden = json.integer("hidden_size", 1, MAX_WIDTH);
        int heads = json.integer("num_attention_heads", 1, 1 << 14);
        int kvHeads = json.integer("num_key_value_heads", 1, 1 << 14, heads);
        if (heads % kvHeads != 0) {
            throw json.wrong(
                    "num_attention_heads",
                    json.get("num_attention_heads"),
                    "must be a multiple of num_key_value_heads, " + kvHeads);
        }
        int maxPositions = json.integer("max_position_embeddings", 1, 1 << 30, qwen ? 32768 : 2048);
        boolean bias = json.flag("attention_bias", false);
        return new ModelConfig(
                modelType,
                vocabSize,
                hidden,
                json.integer("intermediate_size", 1, 1 << 22),
                json.integer("num_hidden_layers", 1, 4096),
                heads,
                kvHeads,
                headDim(hidden, heads),
                json.number("rms_norm_eps", Float.MIN_NORMAL, 1, 1e-6),
                rope(maxPositions),
                maxPositions,
                json.flag("tie_word_embeddings", false),
                qwen || bias,
                !qwen && bias,
                firstOf(json.integers("bos_token_id", 0, vocabSize - 1)),
                json.integers("eos_token_id", 0, vocabSize - 1));
    }

    private static Optional<Integer> firstOf(List<Integer> ids) {
        return ids.stream().findFirst();
    }

    private String modelType() {
        List<String> architectures = architectures();
        String modelType = json.text("model_type").orElseGet(() -> typeOf(architectures));
        if (!ARCHITECTURES.containsKey(modelType)) {
            throw new UserException(json.origin() + ": the model_type " + modelType + " is not supported" + SUPPORTED);
        }
        if (!architectures.isEmpty() && !architectures.contains(ARCHITECTURES.get(modelType))) {
            throw new UserException(json.origin() + ": the architecture " + String.join(", ", architectures)
                    + " is not supported" + SUPPORTED + ", as " + ARCHITECTURES.get(modelType));
        }
        return modelType;
    }

    private List<String> architectures() {
        JsonNode node = json.get("architectures");
        if (node.isNull() || node.isMissingNode()) {
            return List.of();
        }
        if (!node.isArray() || !node.valueStream().allMatch(JsonNode::isTextual)) {
            throw json.wrong("architectures", node, "must be a list of names");
        }
        return node.valueStream().map(JsonNode::textValue).toList();
    }

    private String typeOf(List<String> architectures) {
        return ARCHITECTURES.entrySet().stream()
                .filter(entry -> architectures.contains(entry.getValue()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new UserException(
                        json.origin() + " has no model_type" + SUPPORTED + "; copy the model's folder whole"));
    }

    private void refuseOtherArithmetic() {
        refuseFlag("use_sliding_window", "attention within a sliding window");
        refuseFlag("mlp_bias", "a bias in the feed-forward network");
        String activation = json.text("hidden_act").orElse("silu");
        if (!activation.equals("silu") && !activation.equals("swish")) {
            throw new UserException(json.origin() + ": the hidden_act " + activation
                    + " is not supported; the only one is silu, use a model that has it");
        }
        if (json.has("quantization_config")) {
            throw new UserException(json.origin() + ": quantization_config is not supported; use the model's"
                    + " unquantized weights (F32, F16 or BF16)");
        }
        JsonNode layerTypes = json.get("layer_types");
        for (JsonNode type : layerTypes) {
            if (!type.asText().equals("full_attention")) {
                throw new UserException(json.origin() + ": layer_types holds " + type.asText()
                        + ", which is not supported; use a model whose layers are all full_attention");
            }
        }
        if (json.number("partial_rotary_factor", 0, 1, 1) != 1) {
            throw json.wrong("partial_rotary_factor", json.get("partial_rotary_factor"), "only 1 is supported");
        }
    }

    private void refuseFlag(String name, String meaning) {
        if (json.flag(name, false)) {
            throw new UserException(json.origin() + ": " + name + " is true, but " + meaning
                    + " is not supported; use a model without it");
        }
    }

    private int headDim(int hidden, int heads) {
        boolean given = json.has("head_dim");
        if (!given && hidden % heads != 0) {
            throw json.wrong(
                    "hidden_size",
                    json.get("hidden_size"),
                    "must be a multiple of num_attention_heads, " + heads + ", where there is no head_dim");
        }
        int headDim = given ? json.integer("head_dim", 1, 1 << 14) : hidden / heads;
        if (headDim % 2 != 0) {
            String must = "must be even, since rotary embeddings turn pairs";
            throw given
                    ? json.wrong("head_dim", json.get("head_dim"), must)
                    : json.wrong(
                            "hidden_size",
                            json.get("hidden_size"),
                            "gives heads of the odd size " + headDim + ": head_dim " + must);
        }
        if (heads * (long) headDim > MAX_WIDTH) {
            throw json.wrong(
                    "num_attention_heads",
                    json.get("num_attention_heads"),
                    "times head_dim, " + headDim + ", must be at most " + MAX_WIDTH);
        }
        return headDim;
    }

    private RopeScaling rope(int maxPositions) {
        JsonFile rope = json.object("rope_scaling")
                .filter(scaling -> !scaling.root().isEmpty())
                .or(() -> json.object("rope_parameters"))
                .orElse(JsonFile.none(json.origin()));
        JsonFile holdsTheta = rope.has("rope_theta") ? rope : json;
        float theta = holdsTheta.number("rope_theta", 1, 1e12, 10000);
        if (rope.number("partial_rotary_factor", 0, 1, 1) != 1) {
            throw rope.wrong("partial_rotary_factor", rope.get("partial_rotary_factor"), "only 1 is supported");
        }
        if (rope.has("full_attention") || rope.has("sliding_attention")) {
            throw new UserException(rope.origin() + " differs by layer type, which is not supported; use a model whose"
                    + " layers share one");
        }
        String type = rope.text("rope_type").or(() -> rope.text("type")).orElse("default");
        return switch (type) {
            case "default" -> RopeScaling.plain(theta, maxPositions);
            case "llama3" -> llama3(rope, theta);
            default ->
                throw new UserException(rope.origin() + ": the rope_type " + type
                        + " is not supported; supported are default and llama3");
        };
    }

    private static RopeScaling llama3(JsonFile rope, float theta) {
        float low = rope.number("low_freq_factor", 1e-6, 1e6);
        float high = rope.number("high_freq_factor", 1e-6, 1e6);
        if (high <= low) {
            throw rope.wrong("high_freq_factor", rope.get("high_freq_factor"), "must be above low_freq_factor, " + low);
        }
        return new RopeScaling(
                theta,
                RopeScaling.Type.LLAMA3,
                rope.number("factor", 1, 1e6),
                low,
                high,
                rope.integer("original_max_position_embeddings", 1, 1 << 30));
    }
}

package dev.prag.llm.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.tensor.gguf.GgufFile;
import dev.prag.tensor.gguf.GgufTensor;
import dev.prag.tensor.gguf.Metadata;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The metadata of a GGUF file as config.json and generation_config.json. */
final class ConfigJson {
    private static final Map<String, String> ARCHITECTURES =
            Map.of("llama", "LlamaForCausalLM", "qwen2", "Qwen2ForCausalLM");

    /** Tokens that end a text beside those that the metadata name, where they are control tokens. */
    private static final Set<String> ENDS = Set.of("<|end_of_text|>", "<|eot_id|>", "<|eom_id|>");

    private static final String END_OF_TEXT = "<|endoftext|>";

    private final GgufFile file;
    private final Metadata metadata;
    private final String architecture;

    private ConfigJson(GgufFile file) {
        this.file = file;
        metadata = file.metadata();
        architecture = architecture(metadata);
    }

    static ObjectNode config(GgufTensors tensors) {
        return new ConfigJson(tensors.file()).config(tensors.tied());
    }

    static ObjectNode generation(GgufFile file) {
        return new ConfigJson(file).generation();
    }

    static String architecture(Metadata metadata) {
        String key = "general.architecture";
        String architecture = metadata.text(key).orElseThrow(() -> metadata.missing(key));
        if (!ARCHITECTURES.containsKey(architecture)) {
            throw new UserException(metadata.origin() + ": the architecture " + architecture
                    + " is not supported; supported are llama (LLaMA 3, 3.1, 3.2 and their like) and qwen2 (Qwen2,"
                    + " Qwen2.5)");
        }
        return architecture;
    }

    /** Elements of a head by the parts of a layer whose rows llama.cpp permutes. */
    static Map<String, Integer> heads(Metadata metadata) {
        String prefix = architecture(metadata) + ".";
        int headDim = headDim(metadata, prefix);
        return Map.of("attn_q", headDim, "attn_k", headDim);
    }

    private static int headDim(Metadata metadata, String prefix) {
        int hidden = positive(metadata, prefix + "embedding_length");
        int heads = positive(metadata, prefix + "attention.head_count");
        String length = prefix + "attention.key_length";
        int headDim = metadata.integer(length).orElse(hidden / heads);
        if (headDim < 2 || headDim % 2 != 0) {
            throw metadata.has(length)
                    ? metadata.wrong(length, "must be even, since rotary embeddings turn pairs")
                    : metadata.wrong(
                            prefix + "attention.head_count", "makes heads of an odd size of " + hidden + " elements");
        }
        for (String other : List.of("attention.value_length", "rope.dimension_count")) {
            if (metadata.integer(prefix + other).orElse(headDim) != headDim) {
                throw metadata.wrong(prefix + other, "must be " + headDim + ", the size of a head");
            }
        }
        return headDim;
    }

    private static int positive(Metadata metadata, String key) {
        int value = metadata.needInteger(key);
        if (value < 1) {
            throw metadata.wrong(key, "must be at least 1");
        }
        return value;
    }

    private ObjectNode config(boolean tied) {
        if (metadata.integer(architecture + ".expert_count").orElse(0) > 0) {
            throw metadata.wrong(architecture + ".expert_count", "must be 0: a mixture of experts is not supported");
        }
        int hidden = need("embedding_length");
        int heads = need("attention.head_count");
        int headDim = headDim(metadata, architecture + ".");
        float theta = metadata.number(key("rope.freq_base")).orElse(10000.0).floatValue();
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putArray("architectures").add(ARCHITECTURES.get(architecture));
        config.put("model_type", architecture);
        config.put("hidden_act", "silu");
        config.put("hidden_size", hidden);
        config.put("intermediate_size", need("feed_forward_length"));
        config.put("num_hidden_layers", need("block_count"));
        config.put("num_attention_heads", heads);
        config.put(
                "num_key_value_heads",
                metadata.integer(key("attention.head_count_kv")).orElse(heads));
        if (headDim * heads != hidden) {
            config.put("head_dim", headDim);
        }
        config.put("max_position_embeddings", need("context_length"));
        config.put("rms_norm_eps", (float) metadata.needNumber(key("attention.layer_norm_rms_epsilon")));
        config.put("rope_theta", theta);
        config.set("rope_scaling", scaling(theta, headDim));
        config.put("tie_word_embeddings", tied);
        config.put("vocab_size", embedding().rows());
        config.put("attention_dropout", 0.0);
        config.put("initializer_range", 0.02);
        config.put("use_cache", true);
        if (architecture.equals("qwen2")) {
            config.put("use_sliding_window", false);
        } else {
            config.put("attention_bias", file.tensors().containsKey("blk.0.attn_q.bias"));
            config.put("mlp_bias", false);
        }
        token("bos").ifPresent(id -> config.put("bos_token_id", id));
        token("eos").ifPresent(id -> config.put("eos_token_id", id));
        token("padding").ifPresent(id -> config.put("pad_token_id", id));
        return config;
    }

    private ObjectNode generation() {
        ObjectNode generation = JsonNodeFactory.instance.objectNode();
        token("bos").ifPresent(id -> generation.put("bos_token_id", id));
        Set<Integer> ends = ends();
        if (ends.size() == 1) {
            generation.put("eos_token_id", ends.iterator().next());
        } else if (!ends.isEmpty()) {
            ArrayNode ids = generation.putArray("eos_token_id");
            ends.forEach(ids::add);
        }
        token("padding").ifPresent(id -> generation.put("pad_token_id", id));
        return generation;
    }

    private Set<Integer> ends() {
        Set<Integer> ends = new LinkedHashSet<>();
        for (String name : List.of("eos", "eot", "eom")) {
            token(name).ifPresent(ends::add);
        }
        Vocabulary vocabulary = Vocabulary.of(metadata);
        token("padding").filter(id -> vocabulary.text(id).equals(END_OF_TEXT)).ifPresent(ends::add);
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.kind(id) == Vocabulary.Kind.CONTROL && ENDS.contains(vocabulary.text(id))) {
                ends.add(id);
            }
        }
        return ends;
    }

    private Optional<Integer> token(String name) {
        return Vocabulary.named(metadata, name);
    }

    private GgufTensor embedding() {
        return file.tensor(GgufTensors.EMBEDDING)
                .orElseThrow(() -> new UserException(file.path() + " has no tensor " + GgufTensors.EMBEDDING
                        + "; use a complete GGUF file of the model"));
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private int need(String name) {
        return positive(metadata, key(name));
    }

    private ObjectNode scaling(float theta, int headDim) {
        ObjectNode scaling = JsonNodeFactory.instance.objectNode();
        String type = metadata.text(key("rope.scaling.type")).orElse("none");
        if (!type.equals("none")) {
            scaling.put("rope_type", type);
            metadata.number(key("rope.scaling.factor")).ifPresent(factor -> scaling.put("factor", factor));
            return scaling;
        }
        GgufTensor factors = file.tensor(GgufTensors.ROPE_FACTORS).orElse(null);
        return factors == null ? null : RopeFactors.llama3(factors, theta, headDim);
    }
}

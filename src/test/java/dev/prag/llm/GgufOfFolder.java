package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.lora.Projection;
import dev.prag.tensor.gguf.GgmlType;
import dev.prag.tensor.gguf.GgufBytes;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A reference model as the GGUF file that llama.cpp's converter makes of it: names, metadata, permuted rows. */
public final class GgufOfFolder {
    private static final Map<String, String> PARTS = new HashMap<>(Map.of(
            "input_layernorm",
            "attn_norm",
            "post_attention_layernorm",
            "ffn_norm",
            Projection.Q.path(),
            "attn_q",
            Projection.K.path(),
            "attn_k",
            Projection.V.path(),
            "attn_v",
            Projection.O.path(),
            "attn_output",
            Projection.GATE.path(),
            "ffn_gate",
            Projection.UP.path(),
            "ffn_up",
            Projection.DOWN.path(),
            "ffn_down"));

    /** How a tensor's values are stored. */
    public interface Encoding {
        void add(GgufBytes file, String name, float[] values, int[] shape);
    }

    public static final Encoding F32 = GgufBytes::floats;
    public static final Encoding F16 =
            (file, name, values, shape) -> file.tensor(name, GgmlType.F16, GgufBytes.f16(values), shape);
    /** Matrices in blocks of eight bits, vectors as they are. */
    public static final Encoding Q8_0 = (file, name, values, shape) -> {
        if (shape.length == 1) {
            F32.add(file, name, values, shape);
        } else {
            file.tensor(name, GgmlType.Q8_0, GgufBytes.q8(values), shape);
        }
    };

    private final ModelFolder folder;
    private final ModelConfig config;
    private final JsonNode tokenizer;
    private final GgufBytes file = new GgufBytes();

    private GgufOfFolder(ReferenceModel model) {
        folder = ModelFolder.open(model.folder());
        config = folder.config();
        tokenizer = ReferenceModel.json(model.folder().resolve("tokenizer.json"));
    }

    public static GgufBytes of(ReferenceModel model, Encoding encoding) {
        GgufOfFolder made = new GgufOfFolder(model);
        made.putShape();
        made.putTokenizer();
        made.addTensors(encoding);
        return made.file;
    }

    private void putShape() {
        String prefix = config.modelType() + ".";
        file.put("general.architecture", config.modelType())
                .put("general.name", "a model for tests")
                .put(prefix + "block_count", config.layers())
                .put(prefix + "context_length", config.maxPositions())
                .put(prefix + "embedding_length", config.hiddenSize())
                .put(prefix + "feed_forward_length", config.intermediateSize())
                .put(prefix + "attention.head_count", config.heads())
                .put(prefix + "attention.head_count_kv", config.kvHeads())
                .put(prefix + "attention.layer_norm_rms_epsilon", config.rmsNormEps())
                .put(prefix + "rope.freq_base", config.rope().theta());
        if (config.headDim() * config.heads() != config.hiddenSize()) {
            file.put(prefix + "attention.key_length", config.headDim())
                    .put(prefix + "attention.value_length", config.headDim())
                    .put(prefix + "rope.dimension_count", config.headDim());
        }
    }

    private void putTokenizer() {
        boolean llama = config.modelType().equals("llama");
        String[] tokens = new String[config.vocabSize()];
        Integer[] kinds = new Integer[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            tokens[id] = "[PAD" + id + "]";
            kinds[id] = 5;
        }
        tokenizer.path("model").path("vocab").properties().forEach(entry -> {
            tokens[entry.getValue().intValue()] = entry.getKey();
            kinds[entry.getValue().intValue()] = 1;
        });
        for (JsonNode added : tokenizer.path("added_tokens")) {
            int id = added.get("id").intValue();
            tokens[id] = added.get("content").textValue();
            kinds[id] = added.get("special").booleanValue() ? 3 : 4;
        }
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : tokenizer.path("model").path("merges")) {
            merges.add(
                    merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText());
        }
        file.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", llama ? "llama-bpe" : "qwen2")
                .put("tokenizer.ggml.tokens", List.of(tokens))
                .put("tokenizer.ggml.token_type", List.of(kinds))
                .put("tokenizer.ggml.merges", merges)
                .put("tokenizer.ggml.bos_token_id", config.bosId().orElseThrow())
                .put("tokenizer.ggml.eos_token_id", config.eosIds().getFirst())
                .put("tokenizer.chat_template", folder.chatTemplateSources().get("default"));
        if (!llama) {
            file.put("tokenizer.ggml.add_bos_token", false);
        }
    }

    private void addTensors(Encoding encoding) {
        ModelWeights.expected(config).forEach((name, shape) -> {
            StoredTensor tensor = folder.weights().require(name, shape);
            String[] parts = name.split("\\.");
            if (!name.startsWith("model.layers.")) {
                Map<String, String> names = Map.of(
                        "model.embed_tokens.weight", "token_embd.weight",
                        "lm_head.weight", "output.weight",
                        "model.norm.weight", "output_norm.weight");
                encoding.add(file, names.get(name), tensor.toFloats(), shape);
                return;
            }
            String part = name.substring(("model.layers." + parts[2] + ".").length(), name.lastIndexOf('.'));
            boolean turned = part.equals(Projection.Q.path()) || part.equals(Projection.K.path());
            float[] values = turned && config.modelType().equals("llama")
                    ? permuted(tensor.toFloats(), shape[0])
                    : tensor.toFloats();
            String own = "blk." + parts[2] + "." + PARTS.get(part) + "." + parts[parts.length - 1];
            encoding.add(file, own, values, shape);
        });
        float[] factors = new float[config.headDim() / 2];
        float[] stretched = RopeTable.inverseFrequencies(config.rope(), config.headDim());
        float[] plain = RopeTable.inverseFrequencies(
                ModelConfig.RopeScaling.plain(config.rope().theta(), config.maxPositions()), config.headDim());
        for (int i = 0; i < factors.length; i++) {
            factors[i] = plain[i] / stretched[i];
        }
        if (config.rope().type() == ModelConfig.RopeScaling.Type.LLAMA3) {
            file.floats("rope_freqs.weight", factors, factors.length);
        }
    }

    /** reshape(heads, 2, headDim/2, in).swapaxes(1, 2), as convert_hf_to_gguf.py does. */
    private float[] permuted(float[] values, int rows) {
        int in = values.length / rows;
        int headDim = config.headDim();
        float[] permuted = new float[values.length];
        for (int head = 0; head < rows / headDim; head++) {
            for (int half = 0; half < 2; half++) {
                for (int i = 0; i < headDim / 2; i++) {
                    int from = head * headDim + half * headDim / 2 + i;
                    int to = head * headDim + 2 * i + half;
                    System.arraycopy(values, from * in, permuted, to * in, in);
                }
            }
        }
        return permuted;
    }
}

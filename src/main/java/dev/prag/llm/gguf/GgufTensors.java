package dev.prag.llm.gguf;

import dev.prag.lora.Projection;
import dev.prag.tensor.gguf.GgufFile;
import dev.prag.tensor.gguf.GgufTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of a GGUF file under their Hugging Face names. llama.cpp turns neighbouring elements of a head where the
 * original turns element i with i + headDim/2, and so permutes the rows of q and k of the architecture llama; here that
 * is undone.
 */
public final class GgufTensors {
    static final String EMBEDDING = "token_embd.weight";
    static final String HEAD = "output.weight";
    static final String ROPE_FACTORS = "rope_freqs.weight";

    private static final String LLAMA = "llama";
    private static final String BLOCK = "blk.";
    private static final String LAYERS = "model.layers.";

    /** Parts of a layer by their names in GGUF files. */
    private static final Map<String, String> PARTS = Map.of(
            "attn_norm", "input_layernorm",
            "ffn_norm", "post_attention_layernorm",
            "attn_q", Projection.Q.path(),
            "attn_k", Projection.K.path(),
            "attn_v", Projection.V.path(),
            "attn_output", Projection.O.path(),
            "ffn_gate", Projection.GATE.path(),
            "ffn_up", Projection.UP.path(),
            "ffn_down", Projection.DOWN.path());

    /** Every so many rows are looked at to tell whether two matrices are one. */
    private static final int SAMPLED = 64;

    /** Distance of two quantised copies of a matrix, relative to it: four bits move it by about 7%. */
    private static final double SAME = 0.15;

    /**
     * A tensor in the order of rows that it has in a Hugging Face folder.
     *
     * @param headDim rows of a head where they are permuted, else 0
     */
    public record Named(GgufTensor tensor, int headDim) {
        /** Whether the rows lie in the file in the order that is asked for. */
        public boolean inOrder() {
            return headDim == 0;
        }

        /** The floats of a row; of a vector, all of it. */
        public float[] row(int row) {
            if (tensor.shape().length > 1 || inOrder()) {
                return tensor.row(inOrder() ? row : place(row));
            }
            float[] permuted = tensor.row(0);
            float[] ordered = new float[permuted.length];
            for (int i = 0; i < ordered.length; i++) {
                ordered[i] = permuted[place(i)];
            }
            return ordered;
        }

        /** Where a row lies: the two halves of a head take turns. */
        private int place(int row) {
            int within = row % headDim;
            int half = headDim / 2;
            return row - within + 2 * (within % half) + within / half;
        }
    }

    private final GgufFile file;
    private final boolean tied;
    private final Map<String, String> names = new LinkedHashMap<>();
    private final String embedding;

    /** Rows of a head by the parts whose rows are permuted. */
    private final Map<String, Integer> permuted;

    private GgufTensors(GgufFile file, Map<String, Integer> permuted) {
        this.file = file;
        this.permuted = permuted;
        GgufTensor own = file.tensors().get(EMBEDDING);
        GgufTensor head = file.tensors().get(HEAD);
        boolean twice = own != null && head != null && areOne(own, head);
        tied = head == null || twice;
        embedding = twice && head.data().byteSize() > own.data().byteSize() ? HEAD : EMBEDDING;
        file.tensors().keySet().forEach(name -> {
            boolean otherCopy = twice && !name.equals(embedding) && (name.equals(HEAD) || name.equals(EMBEDDING));
            if (!otherCopy && !name.equals(ROPE_FACTORS)) {
                names.put(name.equals(embedding) ? "model.embed_tokens.weight" : huggingFaceName(name), name);
            }
        });
    }

    /**
     * @throws dev.prag.base.UserException if the architecture isn't supported, or the embedding of a type that can't be
     *     read
     */
    public static GgufTensors of(GgufFile file) {
        boolean permutes = ConfigJson.architecture(file.metadata()).equals(LLAMA);
        return new GgufTensors(file, permutes ? ConfigJson.heads(file.metadata()) : Map.of());
    }

    private static String huggingFaceName(String name) {
        if (name.equals(HEAD)) {
            return "lm_head.weight";
        }
        if (name.equals("output_norm.weight")) {
            return "model.norm.weight";
        }
        String[] parts = name.split("\\.", -1);
        if (name.startsWith(BLOCK) && parts.length == 4 && PARTS.containsKey(parts[2])) {
            return LAYERS + parts[1] + "." + PARTS.get(parts[2]) + "." + parts[3];
        }
        return name;
    }

    /** Some models' files hold the embedding twice, quantised differently: as such, and as the output head. */
    private static boolean areOne(GgufTensor embedding, GgufTensor head) {
        if (embedding.rows() != head.rows() || embedding.columns() != head.columns()) {
            return false;
        }
        double apart = 0;
        double size = 0;
        for (int row = 0; row < head.rows(); row += SAMPLED) {
            float[] one = embedding.row(row);
            float[] other = head.row(row);
            for (int i = 0; i < one.length; i++) {
                apart += Math.pow((double) one[i] - other[i], 2);
                size += (double) other[i] * other[i];
            }
        }
        return Math.sqrt(apart) < SAME * Math.sqrt(size);
    }

    /** Whether the embedding serves as output head; where the file holds both as one matrix, the finer copy is it. */
    public boolean tied() {
        return tied;
    }

    /** Names of all tensors; one that has none in a Hugging Face folder keeps its own. */
    public Iterable<String> names() {
        return names.keySet();
    }

    /** The tensor of a Hugging Face name, if there is one. */
    public Optional<Named> find(String name) {
        String own = names.get(name);
        return own == null
                ? Optional.empty()
                : file.tensor(own).map(tensor -> new Named(tensor, permuted.getOrDefault(part(own), 0)));
    }

    /** The name that a tensor has in the file, for messages. */
    public String ownName(String name) {
        return names.getOrDefault(name, name);
    }

    private static String part(String own) {
        String[] parts = own.split("\\.", -1);
        return own.startsWith(BLOCK) && parts.length == 4 ? parts[2] : own;
    }

    public GgufFile file() {
        return file;
    }
}

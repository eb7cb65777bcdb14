package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A model's tensors by name, over one safetensors file or the shards that an index lists, mapped and never copied.
 */
public final class ModelWeights implements TensorSource {
    static final String SINGLE = "model.safetensors";
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";
    private static final String LAYERS = "model.layers.";
    static final String INDEX = "model.safetensors.index.json";

    private final Path folder;
    private final Map<String, Safetensors> files;

    private ModelWeights(Path folder, Map<String, Safetensors> files) {
        this.folder = folder;
        this.files = files;
    }

    /**
     * Maps the files and checks that every tensor that the configuration needs is there in its exact shape.
     *
     * @throws UserException naming the file or tensor that is missing, damaged or of another shape
     */
    static ModelWeights open(Path folder, ModelConfig config) {
        Map<String, Safetensors> opened = new LinkedHashMap<>();
        Map<String, String> shards = shards(folder);
        if (shards.isEmpty()) {
            Safetensors file = Safetensors.open(folder.resolve(SINGLE));
            file.names().forEach(name -> opened.put(name, file));
        } else {
            Map<String, Safetensors> byName = new TreeMap<>();
            for (Map.Entry<String, String> entry : shards.entrySet()) {
                Safetensors file =
                        byName.computeIfAbsent(entry.getValue(), name -> Safetensors.open(folder.resolve(name)));
                if (!file.names().contains(entry.getKey())) {
                    throw new UserException("model folder " + folder + ": " + entry.getValue() + " has no tensor "
                            + entry.getKey() + ", which " + INDEX + " says it holds; copy the model's folder whole");
                }
                opened.put(entry.getKey(), file);
            }
        }
        ModelWeights weights = new ModelWeights(folder, opened);
        Map<String, int[]> expected = expected(config);
        expected.forEach(weights::require);
        weights.requireNoMore(expected.keySet());
        weights.requireTied(config);
        return weights;
    }

    /** A head of its own beside embeddings that the configuration ties: one of the two is wrong. */
    private void requireTied(ModelConfig config) {
        if (!config.tiedEmbeddings() || !files.containsKey(HEAD)) {
            return;
        }
        StoredTensor head = files.get(HEAD).tensor(HEAD);
        StoredTensor embedding = files.get(EMBEDDING).tensor(EMBEDDING);
        if (head.dtype() != embedding.dtype() || head.data().mismatch(embedding.data()) >= 0) {
            throw new UserException("model folder " + folder + ": the weights have a tensor " + HEAD + " that differs"
                    + " from " + EMBEDDING + ", but the tie_word_embeddings of config.json is true; set it to false if"
                    + " the model has a head of its own, or copy the model's folder whole");
        }
    }

    /** A layer's parameters that the configuration leaves out would change every answer silently. */
    private void requireNoMore(Set<String> expected) {
        for (String name : new TreeSet<>(files.keySet())) {
            boolean parameter = name.endsWith(".weight") || name.endsWith(".bias");
            if (name.startsWith(LAYERS) && parameter && !expected.contains(name)) {
                throw new UserException("model folder " + folder + ": the weights have a tensor " + name
                        + " that config.json leaves out; they belong to another configuration: copy the model's folder"
                        + " whole");
            }
        }
    }

    /** Names of the files in the folder that hold the weights, sorted. */
    static List<String> fileNames(Path folder) {
        Map<String, String> shards = shards(folder);
        if (shards.isEmpty()) {
            return List.of(SINGLE);
        }
        List<String> names = new ArrayList<>(new TreeSet<>(shards.values()));
        names.add(INDEX);
        return names;
    }

    /** Shard of each tensor as the index tells; empty where there is one file, which wins over an index. */
    private static Map<String, String> shards(Path folder) {
        if (Files.exists(folder.resolve(SINGLE))) {
            return Map.of();
        }
        JsonFile index = JsonFile.readIfPresent(folder, INDEX).orElseThrow(() -> noWeights(folder));
        JsonNode map = index.get("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new UserException(index.origin() + ": weight_map is missing, empty or not an object; copy it again");
        }
        Map<String, String> shards = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asText();
            if (!entry.getValue().isTextual() || !file.endsWith(".safetensors") || !isPlainName(file)) {
                throw new UserException(index.origin() + ": weight_map gives for " + entry.getKey() + " "
                        + entry.getValue() + ", not the name of a safetensors file in the same folder; copy it again");
            }
            if (!Files.exists(folder.resolve(file))) {
                throw JsonFile.missing(folder, file);
            }
            shards.put(entry.getKey(), file);
        }
        return shards;
    }

    private static boolean isPlainName(String file) {
        return !file.contains("/") && !file.contains("\\") && !file.contains("\0");
    }

    private static UserException noWeights(Path folder) {
        String other = Files.exists(folder.resolve("pytorch_model.bin"))
                ? "; pytorch_model.bin is not read: save the model as safetensors"
                : "; copy the model's folder whole";
        return new UserException(
                UserException.Kind.NOT_FOUND,
                "model folder " + folder + ": " + SINGLE + " is missing (and so is " + INDEX + ")" + other);
    }

    /** Shape of every tensor that a model of this configuration needs, by name. */
    static Map<String, int[]> expected(ModelConfig config) {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        int hidden = config.hiddenSize();
        shapes.put(EMBEDDING, new int[] {config.vocabSize(), hidden});
        DecoderShape shape = config.decoderShape();
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = LAYERS + layer + ".";
            shapes.put(prefix + "input_layernorm.weight", new int[] {hidden});
            shapes.put(prefix + "post_attention_layernorm.weight", new int[] {hidden});
            for (Projection projection : Projection.values()) {
                DecoderShape.Dims dims = shape.dims(projection);
                shapes.put(prefix + projection.path() + ".weight", new int[] {dims.out(), dims.in()});
                if (config.hasBias(projection)) {
                    shapes.put(prefix + projection.path() + ".bias", new int[] {dims.out()});
                }
            }
        }
        shapes.put("model.norm.weight", new int[] {hidden});
        if (!config.tiedEmbeddings()) {
            shapes.put(HEAD, new int[] {config.vocabSize(), hidden});
        }
        return shapes;
    }

    /** Names of all tensors, also those that the model doesn't need. */
    public Set<String> names() {
        return Collections.unmodifiableSet(files.keySet());
    }

    /** Element types in which the files store their tensors. */
    public Set<DType> dtypes() {
        Set<DType> dtypes = EnumSet.noneOf(DType.class);
        for (Safetensors file : new HashSet<>(files.values())) {
            file.tensors().values().forEach(tensor -> dtypes.add(tensor.dtype()));
        }
        return dtypes;
    }

    /**
     * The tensor of that name, which must have this shape.
     *
     * @throws UserException if it is missing, has another shape, or isn't floating point
     */
    @Override
    public StoredTensor require(String name, int... shape) {
        Safetensors file = files.get(name);
        if (file == null) {
            throw new UserException("model folder " + folder + ": the weights have no tensor " + name
                    + ", which config.json makes necessary; copy the model's folder whole"
                    + (name.equals(HEAD) ? ", or set tie_word_embeddings if the model ties them" : ""));
        }
        StoredTensor tensor = file.tensor(name);
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new UserException("model folder " + folder + ": tensor " + name + " has the shape "
                    + tensor.shapeText() + ", but config.json makes it " + Arrays.toString(shape)
                    + "; the weights belong to another configuration: copy the model's folder whole");
        }
        if (tensor.dtype() == DType.I32 || tensor.dtype() == DType.I8) {
            throw new UserException("model folder " + folder + ": tensor " + name + " has the dtype " + tensor.dtype()
                    + ", where F32, F16 or BF16 is needed; save it as one of these");
        }
        return tensor;
    }

    @Override
    public UserException unreadable(String name, InternalError fault) {
        return files.get(name).shrunk(name, fault);
    }
}

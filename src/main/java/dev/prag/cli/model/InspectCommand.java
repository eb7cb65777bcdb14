package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.llm.ComputeType;
import dev.prag.llm.FingerprintFile;
import dev.prag.llm.GenerationDefaults;
import dev.prag.llm.ModelConfig;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.TensorSource;
import dev.prag.llm.Tokenizer;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag model inspect}. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Check a model's files and tell what is in them, as one JSON object: shape, parameters, dtype, files,"
                    + " special tokens, and the adapters given.",
            ""
        })
final class InspectCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions options;

    @Mixin
    private AdapterOptions adapterOptions;

    @Option(
            names = "--write-fingerprint",
            description =
                    "Hash the model's files and keep the result beside them, in fingerprint.json, so that no program"
                            + " that finds the model there has to read it for that.")
    private boolean writeFingerprint;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        ModelFolder folder = options.openFolder();
        ModelConfig config = folder.config();
        ObjectNode answer = LineCommand.JSON.createObjectNode();
        answer.put("model", folder.path().toString());
        answer.put("model_type", config.modelType());
        answer.put("parameters", config.parameters());
        answer.put("dtype", storedTypes(folder.weights(), config));
        answer.put("compute_dtype", ComputeType.name(options.dtype()));
        answer.put("context", options.context(config));
        answer.set("shape", shape(config));
        answer.set("files", files(folder));
        answer.set("special_tokens", specialTokens(folder));
        answer.set(
                "eos_token_id",
                LineCommand.JSON.valueToTree(folder.generationDefaults().eosIds()));
        answer.put("tokens", folder.tokenizer().vocabSize());
        answer.set(
                "chat_templates",
                LineCommand.JSON.valueToTree(
                        new TreeSet<>(folder.chatTemplateSources().keySet())));
        answer.set("generation", generation(folder.generationDefaults()));
        answer.set("adapters", adapters(config.decoderShape()));
        if (folder.chatTemplateSources().containsKey("default")) {
            folder.chatTemplate();
        }
        if (writeFingerprint) {
            answer.put("fingerprint", FingerprintFile.write(folder));
        }
        LineCommand.write(spec.commandLine().getOut(), answer);
        return 0;
    }

    /** The types that the matrices are stored in, such as {@code bf16}, or {@code f32+f16} where they differ. */
    static String storedTypes(TensorSource weights, ModelConfig config) {
        Set<String> types =
                new TreeSet<>(Comparator.comparingInt(InspectCommand::place).thenComparing(Comparator.naturalOrder()));
        types.add(weights.storedType("model.embed_tokens.weight", config.vocabSize(), config.hiddenSize()));
        if (!config.tiedEmbeddings()) {
            types.add(weights.storedType("lm_head.weight", config.vocabSize(), config.hiddenSize()));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            for (Projection projection : Projection.values()) {
                DecoderShape.Dims dims = config.decoderShape().dims(projection);
                String name = "model.layers." + layer + "." + projection.path() + ".weight";
                types.add(weights.storedType(name, dims.out(), dims.in()));
            }
        }
        return String.join("+", types);
    }

    /** Types that aren't quantised come first, in the order of {@link DType}. */
    private static int place(String type) {
        return Arrays.stream(DType.values())
                .filter(dtype -> dtype.name().equalsIgnoreCase(type))
                .mapToInt(DType::ordinal)
                .findFirst()
                .orElse(DType.values().length);
    }

    /** The shape under the names of config.json. */
    private static ObjectNode shape(ModelConfig config) {
        ObjectNode shape = LineCommand.JSON.createObjectNode();
        shape.put("vocab_size", config.vocabSize());
        shape.put("hidden_size", config.hiddenSize());
        shape.put("intermediate_size", config.intermediateSize());
        shape.put("num_hidden_layers", config.layers());
        shape.put("num_attention_heads", config.heads());
        shape.put("num_key_value_heads", config.kvHeads());
        shape.put("head_dim", config.headDim());
        shape.put("max_position_embeddings", config.maxPositions());
        shape.put("rms_norm_eps", config.rmsNormEps());
        shape.put("rope_theta", config.rope().theta());
        shape.put("rope_type", config.rope().type().name().toLowerCase(Locale.ROOT));
        shape.put("tie_word_embeddings", config.tiedEmbeddings());
        shape.put("attention_bias", config.attentionBias());
        return shape;
    }

    /** Names and sizes of a model's files. */
    static ArrayNode files(ModelFolder folder) {
        ArrayNode files = LineCommand.JSON.createArrayNode();
        for (Path file : folder.files()) {
            try {
                files.addObject().put("name", name(folder, file)).put("bytes", Files.size(file));
            } catch (IOException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT, file + " can't be read: " + IoReason.of(e) + "; check it", e);
            }
        }
        return files;
    }

    /** Within the folder; of a model that is one file, its own name. */
    private static String name(ModelFolder folder, Path file) {
        return file.equals(folder.path())
                ? file.getFileName().toString()
                : folder.path().relativize(file).toString();
    }

    /** Special tokens by name, with their ids; the id is null where the tokenizer lacks the token. */
    private static ObjectNode specialTokens(ModelFolder folder) {
        Tokenizer tokenizer = folder.tokenizer();
        ObjectNode tokens = LineCommand.JSON.createObjectNode();
        folder.specialTokens().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(token -> tokens.putObject(token.getKey())
                        .put("text", token.getValue())
                        .put("id", tokenizer.id(token.getValue()).orElse(null)));
        return tokens;
    }

    private static ObjectNode generation(GenerationDefaults defaults) {
        ObjectNode generation = LineCommand.JSON.createObjectNode();
        generation.put("do_sample", defaults.doSample());
        generation.put("temperature", defaults.temperature());
        generation.put("top_k", defaults.topK());
        generation.put("top_p", defaults.topP());
        generation.put("repetition_penalty", defaults.repetitionPenalty());
        defaults.maxNewTokens().ifPresent(n -> generation.put("max_new_tokens", n));
        return generation;
    }

    private ArrayNode adapters(DecoderShape shape) {
        ArrayNode adapters = LineCommand.JSON.createArrayNode();
        for (AdapterOptions.Weighted given : adapterOptions.read(shape)) {
            ObjectNode adapter = adapters.addObject();
            adapter.put("folder", given.folder().toString());
            adapter.put("weight", given.weight());
            adapter.put("rank", given.adapter().rank());
            adapter.put("alpha", given.adapter().alpha());
            adapter.put("rslora", given.adapter().rsLora());
            ArrayNode targets = adapter.putArray("targets");
            given.adapter().projections().stream().sorted().forEach(p -> targets.add(p.moduleName()));
        }
        return adapters;
    }
}

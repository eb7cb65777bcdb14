package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.llm.template.TemplateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A language model as Hugging Face lays it out: config.json, generation_config.json, safetensors, tokenizer.json,
 * tokenizer_config.json and chat templates. The configuration is read at once, the rest when it is asked for, each part
 * once. Safe for many threads.
 */
public final class ModelFolder {
    private static final String TOKENIZER = "tokenizer.json";

    private final Path path;
    private final ModelConfig config;
    private final GenerationDefaults generationDefaults;
    private final ChatFiles chat;
    private ModelWeights weights;
    private Tokenizer tokenizer;
    private ChatTemplate template;

    private ModelFolder(Path path) {
        this.path = path;
        config = ConfigReader.read(JsonFile.read(path, "config.json"));
        JsonFile generation = JsonFile.readIfPresent(path, "generation_config.json")
                .orElseGet(() -> JsonFile.none("generation_config.json"));
        generationDefaults = GenerationDefaults.read(generation, config);
        chat = ChatFiles.read(path);
    }

    /**
     * Opens a model.
     *
     * @throws UserException if the folder or its config.json is missing, damaged, or describes a model of another kind;
     *     the other methods throw it for the files that they read
     */
    public static ModelFolder open(Path path) {
        if (!Files.isDirectory(path)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "model folder " + path + (Files.exists(path) ? " is not a folder" : " doesn't exist")
                            + "; name a folder with config.json, tokenizer.json and safetensors");
        }
        return new ModelFolder(path);
    }

    public Path path() {
        return path;
    }

    public ModelConfig config() {
        return config;
    }

    public GenerationDefaults generationDefaults() {
        return generationDefaults;
    }

    /** The tensors, mapped and checked against the configuration. */
    public synchronized ModelWeights weights() {
        if (weights == null) {
            weights = ModelWeights.open(path, config);
        }
        return weights;
    }

    /** The tokenizer. Added tokens may lie beyond the embedding: texts that hold them are refused. */
    public synchronized Tokenizer tokenizer() {
        if (tokenizer == null) {
            Set<Integer> ends = new HashSet<>(config.eosIds());
            ends.addAll(generationDefaults.eosIds());
            Tokenizer read =
                    Tokenizer.read(JsonFile.read(path, TOKENIZER), chat.tokenizerSettings(config, Set.copyOf(ends)));
            if (read.baseVocabSize() > config.vocabSize()) {
                throw new UserException("model folder " + path + ": tokenizer.json has ids up to "
                        + (read.baseVocabSize() - 1) + ", but the vocab_size of config.json is " + config.vocabSize()
                        + "; the files belong to different models: copy the model's folder whole");
            }
            tokenizer = read;
        }
        return tokenizer;
    }

    /**
     * Special tokens by the names that templates use, such as {@code bos_token}; those that the model lacks are absent.
     */
    public Map<String, String> specialTokens() {
        return chat.specialTokens();
    }

    /** Jinja sources by name: the one that {@link #chatTemplate()} uses is {@code default}. */
    public Map<String, String> chatTemplateSources() {
        return chat.templates();
    }

    /**
     * The chat template, at its default date.
     *
     * @throws UserException if there is none, or it can't be understood
     */
    public synchronized ChatTemplate chatTemplate() {
        if (template == null) {
            String source = chat.templates().get(ChatFiles.DEFAULT);
            if (source == null) {
                String found = chat.templates().isEmpty()
                        ? ""
                        : " named default (only "
                                + String.join(", ", chat.templates().keySet()) + ")";
                throw new UserException("model folder " + path + " has no chat template" + found
                        + "; add chat_template.jinja, or give text instead of messages");
            }
            try {
                template = ChatTemplate.parse(source, chat.specialTokens());
            } catch (TemplateException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT,
                        "model folder " + path + ": the chat template can't be used: " + e.getMessage()
                                + "; correct it, or give text instead of messages",
                        e);
            }
        }
        return template;
    }

    /** The files that make up the model, of those that are there, in a fixed order. */
    public List<Path> files() {
        return fileNames().stream().map(path::resolve).toList();
    }

    private List<String> fileNames() {
        List<String> names = new ArrayList<>(List.of("config.json", "generation_config.json", TOKENIZER));
        names.addAll(ChatFiles.FILES);
        names.addAll(ChatFiles.additionalTemplates(path));
        names.removeIf(name -> !Files.exists(path.resolve(name)));
        names.addAll(ModelWeights.fileNames(path));
        return names;
    }

    /** SHA-256, in hexadecimal, over names and contents of {@link #files()}; reads them all. */
    public String fingerprint() {
        return fingerprint(FingerprintCache.NONE);
    }

    /** The same, taken from the cache where the files have not changed since. */
    public String fingerprint(FingerprintCache cache) {
        return Fingerprint.of(path, fileNames(), cache);
    }
}

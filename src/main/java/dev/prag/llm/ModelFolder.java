package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.llm.template.TemplateException;
import dev.prag.tensor.gguf.GgufFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A language model as Hugging Face lays it out: config.json, generation_config.json, safetensors, tokenizer.json,
 * tokenizer_config.json and chat templates; or a GGUF file, which stands for such a folder. The configuration is read at
 * once, the rest when it is asked for, each part once. Safe for many threads.
 */
public final class ModelFolder {
    private static final String TOKENIZER = "tokenizer.json";

    private final ModelFiles files;
    private final ModelConfig config;
    private final GenerationDefaults generationDefaults;
    private final ChatFiles chat;
    private TensorSource weights;
    private Tokenizer tokenizer;
    private ChatTemplate template;

    private ModelFolder(ModelFiles files) {
        this.files = files;
        config = ConfigReader.read(files.need("config.json"));
        JsonFile generation =
                files.json("generation_config.json").orElseGet(() -> JsonFile.none("generation_config.json"));
        generationDefaults = GenerationDefaults.read(generation, config);
        chat = ChatFiles.read(files);
    }

    /**
     * Opens a model.
     *
     * @throws UserException if the folder or file or its configuration is missing, damaged, or describes a model of another kind;
     *     the other methods throw it for the files that they read
     */
    public static ModelFolder open(Path path) {
        if (Files.isDirectory(path)) {
            return new ModelFolder(new ModelFiles.Folder(path));
        }
        if (isGguf(path)) {
            return new ModelFolder(GgufFiles.open(path));
        }
        throw new UserException(
                UserException.Kind.NOT_FOUND,
                "model folder " + path + (Files.exists(path) ? " is not a folder" : " doesn't exist")
                        + "; name a folder with config.json, tokenizer.json and safetensors, or a file *"
                        + GgufFile.SUFFIX);
    }

    /** Whether a path is meant for one file, which then has to be there. */
    private static boolean isGguf(Path path) {
        Path name = path.getFileName();
        return Files.isRegularFile(path)
                && name != null
                && name.toString().toLowerCase(Locale.ROOT).endsWith(GgufFile.SUFFIX);
    }

    /** The folder, or the GGUF file. */
    public Path path() {
        return files.path();
    }

    public ModelConfig config() {
        return config;
    }

    public GenerationDefaults generationDefaults() {
        return generationDefaults;
    }

    /** The tensors, mapped and checked against the configuration. */
    public synchronized TensorSource weights() {
        if (weights == null) {
            weights = files.weights(config);
        }
        return weights;
    }

    /** The tokenizer. Added tokens may lie beyond the embedding: texts that hold them are refused. */
    public synchronized Tokenizer tokenizer() {
        if (tokenizer == null) {
            Set<Integer> ends = new HashSet<>(config.eosIds());
            ends.addAll(generationDefaults.eosIds());
            Tokenizer read = Tokenizer.read(files.need(TOKENIZER), chat.tokenizerSettings(config, Set.copyOf(ends)));
            if (read.baseVocabSize() > config.vocabSize()) {
                throw new UserException(files.origin() + ": tokenizer.json has ids up to "
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
                throw new UserException(files.origin() + " has no chat template" + found
                        + "; add chat_template.jinja, or give text instead of messages");
            }
            try {
                template = ChatTemplate.parse(source, chat.specialTokens());
            } catch (TemplateException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT,
                        files.origin() + ": the chat template can't be used: " + e.getMessage()
                                + "; correct it, or give text instead of messages",
                        e);
            }
        }
        return template;
    }

    /** What it is read from, where that is a GGUF file. */
    Optional<GgufFiles> gguf() {
        return files instanceof GgufFiles gguf ? Optional.of(gguf) : Optional.empty();
    }

    /** The files that make up the model, of those that are there, in a fixed order. */
    public List<Path> files() {
        return files.names().stream().map(files.path()::resolve).toList();
    }

    /** Names of the files of a folder. */
    static List<String> fileNames(Path path) {
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
        return Fingerprint.of(files.path(), files.names(), cache);
    }
}

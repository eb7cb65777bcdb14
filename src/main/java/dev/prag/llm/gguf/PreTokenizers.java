package dev.prag.llm.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.tensor.gguf.Metadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The ways of cutting text that {@code tokenizer.ggml.pre} names, as tokenizer.json describes them. */
enum PreTokenizers {
    /** Llama 3's: whole pieces that are tokens are taken as they are, and a text has a beginning. */
    LLAMA_3("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"),
    /** The same expression alone. */
    DBRX("dbrx", "smaug-bpe"),
    QWEN_2("qwen2", "megrez"),
    /** Qwen's expression on text as it is. */
    DEEPSEEK_QWEN("deepseek-r1-qwen"),
    /** Digits one by one, then GPT-2's expression. */
    DIGITS("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"),
    GPT_2("gpt-2", "phi-2", "mpt", "olmo", "jais", "gigachat", "exaone4", "trillion", "granite-docling"),
    /** What llama.cpp does where a file names nothing. */
    DEFAULT("default", "");

    private static final String KEY = "tokenizer.ggml.pre";

    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String THREE_DIGITS = CONTRACTIONS + "\\p{N}{1,3}" + REST;
    private static final String ONE_DIGIT = CONTRACTIONS + "\\p{N}" + REST;
    private static final List<String> DEFAULTS = List.of(
            "[\\p{P}\\$\\+<=>\\^~\\|]+",
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
            "\\p{N}+",
            "[0-9][0-9][0-9]");

    private static final Map<String, PreTokenizers> BY_NAME = new HashMap<>();

    static {
        for (PreTokenizers kind : values()) {
            kind.names.forEach(name -> BY_NAME.put(name, kind));
        }
    }

    private final List<String> names;

    PreTokenizers(String... names) {
        this.names = List.of(names);
    }

    static PreTokenizers of(Metadata metadata) {
        String name = metadata.text(KEY).orElse("");
        PreTokenizers kind = BY_NAME.get(name);
        if (kind == null) {
            throw new UserException(metadata.origin() + ": the way of cutting text " + name + " (" + KEY
                    + ") is not supported; use the model's Hugging Face folder");
        }
        return kind;
    }

    boolean ignoresMerges() {
        return this == LLAMA_3;
    }

    /** Whether a text begins with bos_token where the file doesn't say. */
    boolean addsBos() {
        return this == LLAMA_3;
    }

    boolean composes() {
        return this == QWEN_2;
    }

    /** The pre_tokenizer of tokenizer.json. */
    ObjectNode json() {
        ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("pretokenizers");
        switch (this) {
            case LLAMA_3, DBRX -> steps.add(split(THREE_DIGITS));
            case QWEN_2, DEEPSEEK_QWEN -> steps.add(split(ONE_DIGIT));
            case DIGITS -> steps.addObject().put("type", "Digits").put("individual_digits", true);
            case GPT_2 -> {}
            case DEFAULT -> DEFAULTS.forEach(regex -> steps.add(split(regex)));
        }
        steps.add(byteLevel(this == DIGITS || this == GPT_2));
        return sequence;
    }

    private static ObjectNode split(String regex) {
        ObjectNode split = JsonNodeFactory.instance.objectNode().put("type", "Split");
        split.putObject("pattern").put("Regex", regex);
        return split.put("behavior", "Isolated").put("invert", false);
    }

    /** Bytes as characters. */
    static ObjectNode byteLevel(boolean regex) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", regex);
    }
}

package dev.prag.llm.gguf;

import dev.prag.base.UserException;
import dev.prag.tensor.gguf.Metadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tokens of a GGUF file with their kinds. */
final class Vocabulary {
    /** What a token is, by the format's numbers from 1 on. */
    enum Kind {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String KINDS = "tokenizer.ggml.token_type";

    private static final String MODEL = "tokenizer.ggml.model";
    private static final Map<String, Integer> OF_LLAMA = Map.of("unknown", 0, "bos", 1, "eos", 2);

    private final Metadata metadata;
    private final List<String> tokens;
    private final List<Long> kinds;

    private Vocabulary(Metadata metadata, List<String> tokens, List<Long> kinds) {
        this.metadata = metadata;
        this.tokens = tokens;
        this.kinds = kinds;
    }

    /**
     * Whether the vocabulary is SentencePiece's, else byte-level.
     *
     * @throws UserException if it is of another kind
     */
    static boolean isSentencePiece(Metadata metadata) {
        String model = metadata.text(MODEL).orElseThrow(() -> metadata.missing(MODEL));
        return switch (model) {
            case "llama" -> true;
            case "gpt2" -> false;
            default ->
                throw new UserException(metadata.origin() + ": the tokenizer " + model + " (" + MODEL
                        + ") is not supported; supported are gpt2, byte-level BPE, as LLaMA 3 and Qwen2 use, and llama,"
                        + " SentencePiece's BPE, as LLaMA 2 and Mistral use");
        };
    }

    static Vocabulary of(Metadata metadata) {
        List<String> tokens = metadata.list(TOKENS, String.class).orElseThrow(() -> metadata.missing(TOKENS));
        List<Long> kinds = metadata.list(KINDS, Long.class).orElseThrow(() -> metadata.missing(KINDS));
        if (kinds.size() != tokens.size()) {
            throw metadata.wrong(KINDS, "must have as many entries as " + TOKENS + ", " + tokens.size());
        }
        return new Vocabulary(metadata, tokens, kinds);
    }

    int size() {
        return tokens.size();
    }

    String text(int id) {
        return tokens.get(id);
    }

    Kind kind(int id) {
        long number = kinds.get(id);
        if (number < 1 || number > Kind.values().length) {
            throw metadata.wrong(
                    KINDS,
                    "has the entry " + number + " for the token " + tokens.get(id) + ", where 1 to "
                            + Kind.values().length + " are known");
        }
        return Kind.values()[(int) number - 1];
    }

    /** The error of a token that stands in the file twice. */
    UserException twice(int one, int other) {
        return new UserException(metadata.origin() + ": the token " + text(one) + " has two ids, " + one + " and "
                + other + "; use another GGUF file of the model");
    }

    /**
     * The id of a token with a part to play, such as {@code eos}, if the file names one; SentencePiece's vocabularies have
     * some where LLaMA has them, as llama.cpp takes it.
     */
    static Optional<Integer> named(Metadata metadata, String name) {
        String key = "tokenizer.ggml." + name + "_token_id";
        Optional<Integer> id = metadata.integer(key);
        int size = metadata.list(TOKENS, String.class).map(List::size).orElse(0);
        if (id.isEmpty() && isSentencePiece(metadata)) {
            return Optional.ofNullable(OF_LLAMA.get(name)).filter(of -> of < size);
        }
        if (id.isPresent() && id.get() >= size) {
            throw metadata.wrong(key, "must be below the number of tokens, " + size);
        }
        return id;
    }
}

package dev.prag.llm;

import java.util.Optional;

/**
 * Byte-level byte-pair encoding as tokenizer.json describes it, giving the ids and texts that Hugging Face's tokenizers
 * give. Immutable to its users, and safe for many threads.
 */
public final class Tokenizer {
    private Tokenizer() {}

    static Tokenizer read(JsonFile json) {
        throw json.wrong("model", json.get("model"), "is not read yet");
    }

    /**
     * The ids of a text. Special tokens written in it are found as such.
     *
     * @param special whether the post-processor adds its tokens, such as the one that begins a text
     */
    public int[] encode(String text, boolean special) {
        return new int[0];
    }

    /**
     * The text of ids; bytes that are no UTF-8 become U+FFFD, ids without a token nothing.
     *
     * @param skipSpecial whether special tokens are left out
     */
    public String decode(int[] ids, boolean skipSpecial) {
        return "";
    }

    /** The bytes that a token stands for; none for an id without a token. */
    public byte[] bytes(int id) {
        return new byte[0];
    }

    /** One more than the highest id that has a token. */
    public int vocabSize() {
        return 0;
    }

    /** Whether that id has a token. */
    public boolean known(int id) {
        return false;
    }

    /** The id of a token, by its text as tokenizer.json spells it. */
    public Optional<Integer> id(String token) {
        return Optional.empty();
    }

    /** Whether that id is a special token, which {@code decode} may leave out. */
    public boolean isSpecial(int id) {
        return false;
    }

    /** Decodes ids as they come. */
    public StreamDecoder stream(boolean skipSpecial) {
        return new StreamDecoder(this, skipSpecial);
    }
}

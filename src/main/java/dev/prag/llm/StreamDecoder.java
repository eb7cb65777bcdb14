package dev.prag.llm;

/**
 * Text of tokens as they come, without ever breaking a character: what it returns, put together, is what
 * {@link Tokenizer#decode} gives for all ids at once. For one thread.
 */
public final class StreamDecoder {
    private final Tokenizer tokenizer;
    private final boolean skipSpecial;
    private final Utf8Decoder characters = new Utf8Decoder();

    StreamDecoder(Tokenizer tokenizer, boolean skipSpecial) {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
    }

    /** The characters that became whole with this token; often one token's text, sometimes none. */
    public String push(int id) {
        return skipSpecial && tokenizer.isSpecial(id) ? "" : characters.push(tokenizer.bytes(id));
    }

    /** What is left at the end: U+FFFD for a character that never became whole. */
    public String finish() {
        return characters.finish();
    }
}

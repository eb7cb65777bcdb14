package dev.prag.llm;

/**
 * Text of tokens as they come, without ever breaking a character: what it returns, put together, is what
 * {@link Tokenizer#decode} gives for all ids at once. For one thread.
 */
public final class StreamDecoder {
    private final Tokenizer tokenizer;
    private final boolean skipSpecial;
    private final Utf8Decoder characters = new Utf8Decoder();
    /** Spaces that are still left out. */
    private int leading;

    /** @param leading spaces at the beginning that are no part of the text */
    StreamDecoder(Tokenizer tokenizer, boolean skipSpecial, int leading) {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
        this.leading = leading;
    }

    /** The characters that became whole with this token; often one token's text, sometimes none. */
    public String push(int id) {
        String text = skipSpecial && tokenizer.isSpecial(id) ? "" : characters.push(tokenizer.bytes(id));
        return leading == 0 || text.isEmpty() ? text : withoutLeading(text);
    }

    private String withoutLeading(String text) {
        int from = 0;
        while (leading > 0 && from < text.length() && text.charAt(from) == ' ') {
            from++;
            leading--;
        }
        if (from < text.length()) {
            leading = 0;
        }
        return text.substring(from);
    }

    /** What is left at the end: U+FFFD for a character that never became whole. */
    public String finish() {
        return characters.finish();
    }
}

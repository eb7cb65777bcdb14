package dev.prag.llm;

/**
 * SentencePiece's spaces as the tokenizers library makes them behind normalisation: each becomes a mark, and one is put
 * before a text that has none.
 *
 * @param mark stands for a space
 */
record Metaspace(String mark, Scheme scheme) {
    /** What gets a mark in front. */
    enum Scheme {
        /** Every piece between added tokens. */
        ALWAYS,
        /** The beginning of a whole text. */
        FIRST,
        NEVER
    }

    /**
     * The text with marks.
     *
     * @param opensText whether a whole text begins with it
     * @param opensPiece whether a piece between added tokens does
     */
    String apply(String text, boolean opensText, boolean opensPiece) {
        String marked = text.replace(" ", mark);
        boolean prefixed =
                switch (scheme) {
                    case ALWAYS -> opensPiece;
                    case FIRST -> opensText;
                    case NEVER -> false;
                };
        return prefixed && !marked.startsWith(mark) ? mark + marked : marked;
    }
}

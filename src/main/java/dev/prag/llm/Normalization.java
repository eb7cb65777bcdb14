package dev.prag.llm;

import java.text.Normalizer;

/** A step that changes text before tokens are made of it. */
sealed interface Normalization {
    /**
     * The changed text.
     *
     * @param opens whether the text stands at the beginning of a piece between added tokens, rather than goes on in it
     */
    String apply(String text, boolean opens);

    /** One of Unicode's normal forms. */
    record Form(Normalizer.Form form) implements Normalization {
        @Override
        public String apply(String text, boolean opens) {
            return Normalizer.normalize(text, form);
        }
    }

    /** Puts something before a piece, as SentencePiece does with a space. */
    record Prefix(String prefix) implements Normalization {
        @Override
        public String apply(String text, boolean opens) {
            return opens && !text.isEmpty() ? prefix + text : text;
        }
    }

    /** Puts one text for another. */
    record Replacement(String pattern, String content) implements Normalization {
        @Override
        public String apply(String text, boolean opens) {
            return text.replace(pattern, content);
        }
    }
}

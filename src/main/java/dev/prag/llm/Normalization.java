package dev.prag.llm;

import dev.prag.base.PatternBudget;
import java.text.Normalizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    /**
     * Puts a text for the matches of a pattern.
     *
     * @param origin what holds the pattern, for messages
     */
    record Rewriting(Pattern pattern, String content, String origin) implements Normalization {
        /** What a pattern may look at: hundreds of times what those of published models do. */
        private static final long FREE_STEPS = 10_000;

        private static final long STEPS_PER_CHARACTER = 2_000;
        private static final String BEGINNING = "\\A";

        @Override
        public String apply(String text, boolean opens) {
            if (!opens && pattern.pattern().startsWith(BEGINNING)) {
                return text;
            }
            return PatternBudget.run(
                    pattern,
                    text,
                    FREE_STEPS + STEPS_PER_CHARACTER * text.length(),
                    origin,
                    matcher -> matcher.replaceAll(Matcher.quoteReplacement(content)));
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

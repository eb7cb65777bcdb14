package dev.prag.answering.words;

import java.util.List;

/** Tells words that carry meaning from those that hold a sentence together. */
@FunctionalInterface
public interface ContentWords {
    /**
     * Which of the words carry meaning.
     *
     * @param text in which they stand
     */
    boolean[] among(String text, List<Word> words);

    /**
     * For a language.
     *
     * @param language its code (ISO 639-1); {@code neutral} counts as English
     */
    static ContentWords of(String language) {
        return switch (language) {
            case "en", "neutral" -> TaggedWords.english();
            default -> StopWords.of(language);
        };
    }
}

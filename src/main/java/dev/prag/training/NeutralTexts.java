package dev.prag.training;

import java.util.List;

/**
 * Texts on which adapters are to change nothing, and what the base model predicts there; made by {@link
 * Trainer#neutral} for one model.
 */
public final class NeutralTexts {
    /** A text of fewer tokens says nothing. */
    static final int SHORTEST = 2;

    private final List<int[]> texts;
    private final List<Foresight> base;

    NeutralTexts(List<int[]> texts, List<Foresight> base) {
        this.texts = texts;
        this.base = base;
    }

    /** Tokens of the text whose turn it is. */
    int tokens(int turn) {
        return texts.get(turn % texts.size()).length;
    }

    /** The text whose turn it is. */
    Lesson lesson(int turn, float weight) {
        return Lesson.neutral(texts.get(turn % texts.size()), base.get(turn % texts.size()), weight);
    }
}

package dev.prag.augmentation;

/**
 * What a question is to be about.
 *
 * @param sentence of the passage; empty for a kind that is about all of it
 * @param answer a piece of the sentence that the question is to have as its answer; empty for other kinds than facts
 * @param masked whether the model sees a gap in the answer's place, as it wrote the answer into its question before: what it
 *     doesn't see it can't give away
 */
record Topic(QuestionKind kind, String sentence, String answer, boolean masked) {
    static final String GAP = "___";

    Topic(QuestionKind kind, String sentence, String answer) {
        this(kind, sentence, answer, false);
    }

    Topic withGap() {
        return new Topic(kind, sentence, answer, !answer.isEmpty());
    }

    /** The sentence as the model sees it. */
    String shownSentence() {
        return masked ? sentence.replace(answer, GAP) : sentence;
    }

    /** The answer as the model sees it. */
    String shownAnswer() {
        return masked ? GAP : answer;
    }

    /** What tells it apart from others of the passage. */
    String name() {
        return kind.inRecipes() + " " + answer + " | " + sentence;
    }
}

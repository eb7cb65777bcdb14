package dev.prag.augmentation;

/**
 * What a question is to be about.
 *
 * @param sentence of the passage; empty for a kind that is about all of it
 * @param answer a piece of the sentence that the question is to have as its answer; empty for other kinds than facts
 */
record Topic(QuestionKind kind, String sentence, String answer) {
    /** What tells it apart from others of the passage. */
    String name() {
        return kind.inRecipes() + " " + answer + " | " + sentence;
    }
}

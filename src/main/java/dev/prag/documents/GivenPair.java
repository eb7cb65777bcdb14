package dev.prag.documents;

/**
 * A question with its answer that people gave with a document.
 *
 * @param answer in a few words
 * @param fullAnswer as a sentence; null or blank where the answer stands for it
 */
public record GivenPair(String question, String answer, String fullAnswer) {
    /** The sentence, or what stands for it. */
    public String sentence() {
        return fullAnswer == null || fullAnswer.isBlank() ? answer : fullAnswer;
    }
}

package dev.prag.training;

/**
 * One training text.
 *
 * @param ids its tokens, prompt and answer
 * @param answerFrom index of the answer's first token; read only where the loss is taken over the answer, or distilled
 * @param teacher what a teacher reads: another prompt, and the same answer behind it; null where there is none
 */
public record Sample(int[] ids, int answerFrom, Sample teacher) {
    /** A text that nobody teaches. */
    public Sample(int[] ids, int answerFrom) {
        this(ids, answerFrom, null);
    }

    /** How many tokens the answer has. */
    int answerTokens() {
        return ids.length - answerFrom;
    }
}

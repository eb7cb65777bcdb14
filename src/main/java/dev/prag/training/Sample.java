package dev.prag.training;

import dev.prag.lora.Scope;
import java.util.List;

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

    /**
     * How many of its tokens a step computes.
     *
     * @param scope over which part the adapter is in force; the base model has read the rest
     */
    public int computed(Scope scope) {
        return ids.length - scope.from(answerFrom);
    }

    /** How many tokens of all these a step computes. */
    public static long computed(List<Sample> samples, Scope scope) {
        return samples.stream().mapToLong(sample -> sample.computed(scope)).sum();
    }

    /** How many tokens the answer has. */
    int answerTokens() {
        return ids.length - answerFrom;
    }
}

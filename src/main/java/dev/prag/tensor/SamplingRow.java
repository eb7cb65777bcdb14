package dev.prag.tensor;

/**
 * How the next token of one row of logits is chosen. Applied in this order: repetition penalty (Keskar et al., 2019:
 * positive logits of seen ids divided, negative multiplied), temperature, top-k, top-p (Holtzman et al., 2020: the
 * smallest set of best tokens whose probability reaches p), then the inverse of the cumulative distribution at {@code
 * uniform}, best token first.
 *
 * @param temperature 0 is greedy: the best logit after the penalty, the lowest id among equals
 * @param topK 0 is off
 * @param topP 1 is off
 * @param repetitionPenalty 1 is off
 * @param seen ids that the penalty concerns, each once; may be empty
 * @param uniform a number in [0, 1), drawn by the caller so that every device chooses alike
 */
public record SamplingRow(
        float temperature, int topK, float topP, float repetitionPenalty, int[] seen, double uniform) {
    private static final int[] NONE = {};

    /** The best token. */
    public static final SamplingRow GREEDY = new SamplingRow(0, 0, 1, 1, NONE, 0);
}

package dev.prag.tensor;

/**
 * How the next token of one row of logits is chosen. Applied in this order: the ids allowed, repetition penalty (Keskar et al., 2019:
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
 * @param allowed bit {@code id % 64} of word {@code id / 64} says whether that id may be chosen; at least one has to be,
 *     of those below the vocabulary's size. Null is all
 */
public record SamplingRow(
        float temperature, int topK, float topP, float repetitionPenalty, int[] seen, double uniform, long[] allowed) {
    private static final int[] NONE = {};

    /** The best token. */
    public static final SamplingRow GREEDY = new SamplingRow(0, 0, 1, 1, NONE, 0);

    /** Any id may be chosen. */
    public SamplingRow(float temperature, int topK, float topP, float repetitionPenalty, int[] seen, double uniform) {
        this(temperature, topK, topP, repetitionPenalty, seen, uniform, null);
    }

    public SamplingRow with(long[] onlyThese) {
        return new SamplingRow(temperature, topK, topP, repetitionPenalty, seen, uniform, onlyThese);
    }

    public boolean allows(int id) {
        return allowed == null || (allowed[id >> 6] >>> id & 1) != 0;
    }

    /** How many ids below {@code vocab} may be chosen. */
    public int choices(int vocab) {
        if (allowed == null) {
            return vocab;
        }
        int choices = 0;
        for (int word = 0; word < vocab >> 6; word++) {
            choices += Long.bitCount(allowed[word]);
        }
        int rest = vocab & 63;
        return rest == 0 ? choices : choices + Long.bitCount(allowed[vocab >> 6] & (1L << rest) - 1);
    }
}

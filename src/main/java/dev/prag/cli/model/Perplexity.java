package dev.prag.cli.model;

/** The perplexity of all texts so far: e to the mean negative log-probability of a token. */
final class Perplexity {
    private double sum;
    private long tokens;

    /** Counts the tokens of a text. */
    void add(float[] logprobs) {
        for (float logprob : logprobs) {
            sum -= logprob;
        }
        tokens += logprobs.length;
    }

    long tokens() {
        return tokens;
    }

    /** NaN where no token was counted. */
    double value() {
        return Math.exp(sum / tokens);
    }
}

package dev.prag.cli.model;

/** By how much the log-probabilities of tokens differ between two models, over all texts so far. */
final class Differences {
    private double sum;
    private double largest;
    private long tokens;

    /** Counts the tokens of a text, in the same order for both. */
    void add(float[] some, float[] others) {
        for (int i = 0; i < some.length; i++) {
            double difference = Math.abs((double) some[i] - others[i]);
            sum += difference;
            largest = Math.max(largest, difference);
        }
        tokens += some.length;
    }

    /** NaN where no token was counted. */
    double mean() {
        return sum / tokens;
    }

    double largest() {
        return largest;
    }
}

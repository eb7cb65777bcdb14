package dev.prag.training;

import java.util.Arrays;

/**
 * What a model predicts for the last tokens of a sequence, each given all before it: the probabilities of the most likely
 * ones, and of the token that stands there.
 *
 * @param known how many probabilities are known of each
 * @param ids [tokens, known]
 * @param probabilities [tokens, known]; what is missing to 1 is that of all others together
 */
record Foresight(int known, int[] ids, float[] probabilities) {
    int tokens() {
        return ids.length / known;
    }

    /** The same for some of the tokens, [from, to). */
    Foresight part(int from, int to) {
        return new Foresight(
                known,
                Arrays.copyOfRange(ids, from * known, to * known),
                Arrays.copyOfRange(probabilities, from * known, to * known));
    }

    /** Entropy of a token's distribution in nats, all others being one bucket. */
    double entropy(int token) {
        double rest = 1;
        double entropy = 0;
        for (int i = token * known; i < (token + 1) * known; i++) {
            rest -= probabilities[i];
            entropy -= term(probabilities[i]);
        }
        return entropy - term(rest);
    }

    private static double term(double probability) {
        // the limit of p·ln p at 0 is 0
        return probability <= 0 ? 0 : probability * Math.log(probability);
    }
}

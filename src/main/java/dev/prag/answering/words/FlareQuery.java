package dev.prag.answering.words;

import java.util.List;

/** Queries of FLARE (Jiang et al., 2023): what was looked ahead, without the tokens that the model wasn't sure of. */
public final class FlareQuery {
    private FlareQuery() {}

    /** The place of the least probable token if it is at most {@code theta} probable; -1 where all are more. */
    public static int doubtful(double[] probabilities, double theta) {
        int least = -1;
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] <= theta && (least < 0 || probabilities[i] < probabilities[least])) {
                least = i;
            }
        }
        return least;
    }

    /**
     * The text without tokens of a probability of at most {@code beta}, white space single; empty where none is left that
     * has a letter or a digit.
     *
     * @param pieces texts of the tokens
     */
    public static String masked(List<String> pieces, double[] probabilities, double beta) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] > beta) {
                query.append(pieces.get(i));
            }
        }
        String text = query.toString().strip().replaceAll("\\s+", " ");
        return text.codePoints().anyMatch(Character::isLetterOrDigit) ? text : "";
    }

    /** The mean of 1 - p; 0 of none. */
    public static double doubt(double[] probabilities) {
        double sum = 0;
        for (double probability : probabilities) {
            sum += 1 - probability;
        }
        return probabilities.length == 0 ? 0 : sum / probabilities.length;
    }
}

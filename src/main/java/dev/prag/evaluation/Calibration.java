package dev.prag.evaluation;

import java.util.List;

/**
 * Whether answers are right as often as the model is sure of them: the expected calibration error (Naeini et al., 2015;
 * Guo et al., 2017) over ten bins of equal width. How sure it is of an answer is the geometric mean of its tokens'
 * probabilities; right is an exact match.
 */
public final class Calibration {
    private static final int BINS = 10;

    private Calibration() {}

    /**
     * An answer.
     *
     * @param confidence from 0 to 1
     * @param right from 0 to 1
     */
    public record Sure(double confidence, double right) {
        public static Sure of(double logprob, double right) {
            return new Sure(Math.exp(logprob), right);
        }
    }

    /** The mean distance of confidence and accuracy in a bin, weighted by its answers; 0 is as good as can be. */
    public static double error(List<Sure> answers) {
        double[] confidence = new double[BINS];
        double[] right = new double[BINS];
        for (Sure answer : answers) {
            int bin = Math.clamp((int) (answer.confidence() * BINS), 0, BINS - 1);
            confidence[bin] += answer.confidence();
            right[bin] += answer.right();
        }
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(right[bin] - confidence[bin]);
        }
        return answers.isEmpty() ? 0 : error / answers.size();
    }
}

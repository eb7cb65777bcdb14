package dev.prag.tensor.plain;

/** The normalised exponential, with the maximum subtracted first so that nothing overflows. */
final class Softmax {
    private Softmax() {}

    /** x ← softmax(x). */
    static void inPlace(double[] x) {
        double normaliser = logSumExp(x);
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.exp(x[i] - normaliser);
        }
    }

    /** ln Σ exp(x), so that ln softmax(x)[i] = x[i] - logSumExp(x). */
    static double logSumExp(double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }
}

package dev.prag.tensor.plain;

/** The normalised exponential, with the maximum subtracted first so that nothing overflows. */
final class Softmax {
    private Softmax() {}

    /** x ← softmax(x); equal numbers get equal shares, exactly. */
    static void inPlace(double[] x) {
        double max = max(x);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.exp(x[i] - max);
            sum += x[i];
        }
        for (int i = 0; i < x.length; i++) {
            x[i] /= sum;
        }
    }

    /** ln Σ exp(x), so that ln softmax(x)[i] = x[i] - logSumExp(x). */
    static double logSumExp(double[] x) {
        double max = max(x);
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }

    private static double max(double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        return max;
    }
}

package dev.prag.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How far a mean may be from that of all questions one might have asked: the percentile bootstrap (Efron, 1979), with
 * the questions drawn anew, with replacement, and always the same draws. Where two methods answered the same questions,
 * the mean of the differences tells them apart sooner than their means do.
 */
public final class Bootstrap {
    private static final int DRAWS = 2000;
    private static final long SEED = 1;
    /** Of the means drawn, so many are outside at either end. */
    private static final double OUTSIDE = 0.025;

    private Bootstrap() {}

    /** The 95% interval of a mean; both ends are the mean where there is one value, and 0 where there is none. */
    public record Interval(double low, double high) {}

    public static Interval mean(List<Double> values) {
        double[] sample = values.stream().mapToDouble(Double::doubleValue).toArray();
        if (sample.length == 0) {
            return new Interval(0, 0);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] means = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            double sum = 0;
            for (int i = 0; i < sample.length; i++) {
                sum += sample[random.nextInt(sample.length)];
            }
            means[draw] = sum / sample.length;
        }
        Arrays.sort(means);
        int below = (int) (OUTSIDE * DRAWS);
        return new Interval(means[below], means[DRAWS - 1 - below]);
    }
}

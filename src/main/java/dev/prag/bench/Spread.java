package dev.prag.bench;

import java.util.Arrays;

/**
 * What repeated runs of one thing came to.
 *
 * @param median of the counted runs
 * @param min of the counted runs
 * @param max of the counted runs
 * @param runs how many were counted; warm-up is not
 */
public record Spread(double median, double min, double max, int runs) {
    /** Something to be timed. */
    @FunctionalInterface
    public interface Task {
        void run() throws Exception;
    }

    /** The spread of these values, at least one. */
    public static Spread of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        return new Spread(median, sorted[0], sorted[n - 1], n);
    }

    /** Seconds that a task takes, over counted runs after some that are not counted. */
    public static Spread seconds(int warmups, int runs, Task task) throws Exception {
        for (int i = 0; i < warmups; i++) {
            task.run();
        }
        double[] seconds = new double[runs];
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            task.run();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        return of(seconds);
    }

    /** {@code amount} per each of these values: a rate, where they are seconds. */
    public Spread per(double amount) {
        return new Spread(amount / median, amount / max, amount / min, runs);
    }

    /** Each value times a factor, such as 1000 to turn seconds into milliseconds. */
    public Spread times(double factor) {
        return new Spread(median * factor, min * factor, max * factor, runs);
    }
}

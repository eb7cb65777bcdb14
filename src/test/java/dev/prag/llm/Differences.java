package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** How far two lists of numbers are apart. */
public final class Differences {
    private Differences() {}

    /** Largest absolute difference. */
    public static double largest(float[] a, float[] b) {
        assertEquals(a.length, b.length, "number of elements");
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs((double) a[i] - b[i]);
            largest = Math.max(largest, difference);
        }
        return largest;
    }

    /** Root mean square of the difference over the standard deviation of {@code b}. */
    public static double relativeRms(float[] a, float[] b) {
        assertEquals(a.length, b.length, "number of elements");
        double mean = 0;
        for (float value : b) {
            mean += value / (double) b.length;
        }
        double error = 0;
        double variance = 0;
        for (int i = 0; i < a.length; i++) {
            error += Math.pow((double) a[i] - b[i], 2);
            variance += Math.pow(b[i] - mean, 2);
        }
        return Math.sqrt(error / variance);
    }

    /** Euclidean norm. */
    public static double norm(float[] a) {
        double sum = 0;
        for (float value : a) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** a - b. */
    public static float[] minus(float[] a, float[] b) {
        assertEquals(a.length, b.length, "number of elements");
        float[] difference = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}

package dev.prag.generation;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.Arrays;

/**
 * Costs as this machine shows them. The side branch costs a few percent of a step, which is less than steps differ by
 * their positions and by what else the machine does. So one row is timed with and without it, one right after the other,
 * and the median of the last differences counts.
 */
final class MeasuredCosts implements MergeCosts {
    /** Differences that count. */
    static final int PAIRS = 16;
    /** Once they are there, one step in so many is timed again. */
    static final int EVERY = 256;
    /** The base is read, the sum written; then it is read, and written as products want it. */
    private static final int COPIES = 2;

    private static final int COPY_ROWS = 4096;
    private static final int COPY_COLS = 1024;

    private final double[] differences = new double[PAIRS];
    private long pairs;
    private int stepsSince;
    private double secondsPerByte;

    /** @param device whose copy rate stands for that of a merge until there was one */
    MeasuredCosts(Device device) {
        secondsPerByte = COPIES * copySecondsPerByte(device);
    }

    @Override
    public boolean wantsPair() {
        return pairs < PAIRS || ++stepsSince >= EVERY;
    }

    @Override
    public void pair(double with, double without) {
        differences[(int) (pairs++ % PAIRS)] = with - without;
        stepsSince = 0;
    }

    @Override
    public void merged(long bytes, double seconds) {
        secondsPerByte = seconds / bytes;
    }

    @Override
    public double merge(long bytes) {
        return secondsPerByte * bytes;
    }

    @Override
    public double branch() {
        if (pairs < PAIRS) {
            return 0;
        }
        double[] sorted = differences.clone();
        Arrays.sort(sorted);
        return Math.max(0, (sorted[PAIRS / 2 - 1] + sorted[PAIRS / 2]) / 2);
    }

    private static double copySecondsPerByte(Device device) {
        try (Tensor from = device.allocate(DType.F32, COPY_ROWS, COPY_COLS);
                Tensor to = device.allocate(DType.F32, COPY_ROWS, COPY_COLS)) {
            copy(device, to, from);
            long start = System.nanoTime();
            copy(device, to, from);
            return (System.nanoTime() - start) / 1e9 / ((double) Float.BYTES * from.size());
        }
    }

    private static void copy(Device device, Tensor to, Tensor from) {
        device.copy(to, from);
        device.read(to.rows(COPY_ROWS - 1, 1));
    }
}

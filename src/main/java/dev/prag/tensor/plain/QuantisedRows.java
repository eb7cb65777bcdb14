package dev.prag.tensor.plain;

import dev.prag.tensor.Int8;

/**
 * A matrix quantised by row.
 *
 * @param integers [rows, cols]
 * @param scales of the rows
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares matrices.
record QuantisedRows(int rows, int cols, short[] integers, float[] scales) {
    static QuantisedRows of(double[] values, int rows, int cols) {
        short[] integers = new short[values.length];
        float[] scales = new float[rows];
        for (int r = 0; r < rows; r++) {
            scales[r] = Int8.scale(magnitude(values, r * cols, cols));
            float inverse = Int8.inverse(scales[r]);
            for (int i = r * cols; i < (r + 1) * cols; i++) {
                integers[i] = Int8.quantise((float) values[i], inverse);
            }
        }
        return new QuantisedRows(rows, cols, integers, scales);
    }

    /** The same for activations, whose outliers take a second byte. */
    static QuantisedRows ofActivations(double[] values, int rows, int cols) {
        short[] integers = new short[values.length];
        float[] steps = new float[rows];
        for (int r = 0; r < rows; r++) {
            float magnitude = magnitude(values, r * cols, cols);
            float finest = Int8.inverse(Int8.finest(magnitude));
            long sum = 0;
            for (int i = r * cols; i < (r + 1) * cols; i++) {
                sum += Int8.wide(Math.abs((float) values[i]), finest);
            }
            steps[r] = Int8.step(magnitude, sum, cols);
            float inverse = Int8.inverse(steps[r]);
            for (int i = r * cols; i < (r + 1) * cols; i++) {
                integers[i] = (short) Int8.wide((float) values[i], inverse);
            }
        }
        return new QuantisedRows(rows, cols, integers, steps);
    }

    private static float magnitude(double[] values, int from, int n) {
        float magnitude = 0;
        for (int i = from; i < from + n; i++) {
            magnitude = Math.max(magnitude, Math.abs((float) values[i]));
        }
        return magnitude;
    }

    int integer(int row, int col) {
        return integers[row * cols + col];
    }

    /** scale·q of every element. */
    double[] values() {
        double[] values = new double[integers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (double) scales[i / cols] * integers[i];
        }
        return values;
    }
}

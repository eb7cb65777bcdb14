package dev.prag.tensor.plain;

import dev.prag.tensor.Int8;

/**
 * A matrix quantised by row.
 *
 * @param integers [rows, cols]
 * @param scales of the rows
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares matrices.
record QuantisedRows(int rows, int cols, byte[] integers, float[] scales) {
    static QuantisedRows of(double[] values, int rows, int cols) {
        byte[] integers = new byte[values.length];
        float[] scales = new float[rows];
        for (int r = 0; r < rows; r++) {
            float magnitude = 0;
            for (int i = r * cols; i < (r + 1) * cols; i++) {
                magnitude = Math.max(magnitude, Math.abs((float) values[i]));
            }
            scales[r] = Int8.scale(magnitude);
            float inverse = Int8.inverse(scales[r]);
            for (int i = r * cols; i < (r + 1) * cols; i++) {
                integers[i] = Int8.quantise((float) values[i], inverse);
            }
        }
        return new QuantisedRows(rows, cols, integers, scales);
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

package dev.prag.tensor.plain;

import dev.prag.tensor.Tensor;

/** A tensor of numbers as the loops see it. */
record Matrix(double[] data, int offset, int rows, int cols) {
    static Matrix of(Tensor tensor) {
        return new Matrix(PlainMemory.numbers(tensor), Math.toIntExact(tensor.offset()), tensor.rows(), tensor.cols());
    }

    /** {@code rows} rows that start {@code start} elements after the first. */
    Matrix part(long start, int partRows, int partCols) {
        return new Matrix(data, Math.toIntExact(offset + start), partRows, partCols);
    }

    double get(int row, int col) {
        return data[offset + row * cols + col];
    }

    void set(int row, int col, double value) {
        data[offset + row * cols + col] = value;
    }

    void add(int row, int col, double value) {
        data[offset + row * cols + col] += value;
    }

    /** Index of a row's first element in {@link #data}. */
    int start(int row) {
        return offset + row * cols;
    }
}

package dev.prag.tensor;

import java.lang.foreign.MemorySegment;

/** Rows of a matrix that are made when they are asked for, such as those of a quantised file. Safe for many threads. */
@FunctionalInterface
public interface RowSource {
    /**
     * Writes a row.
     *
     * @param floats as many F32, little-endian, as the matrix has columns
     */
    void read(int row, MemorySegment floats);
}

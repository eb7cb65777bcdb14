package dev.prag.tensor.plain;

import dev.prag.tensor.Tensor;

/** Integers out of a column [R, 1], checked, since a wrong one would silently read another row. */
final class Ids {
    private Ids() {}

    /** The integer of a row, which must lie in [0, bound). */
    static int at(Tensor column, int row, int bound) {
        int id = PlainMemory.integers(column)[Math.toIntExact(column.offset()) + row];
        if (id < 0 || id >= bound) {
            throw new IllegalArgumentException("row " + row + ": " + id + " does not lie in [0, " + bound + ")");
        }
        return id;
    }
}

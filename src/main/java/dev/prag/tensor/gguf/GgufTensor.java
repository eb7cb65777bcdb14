package dev.prag.tensor.gguf;

import dev.prag.base.UserException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A tensor as it lies in a GGUF file.
 *
 * @param file whose it is, for messages
 * @param shape sizes of its dimensions, outermost first
 * @param data its blocks, row by row; a slice of the mapped file, which stays mapped as long as the slice can be reached
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares tensors of files.
public record GgufTensor(String file, String name, GgmlType type, int[] shape, MemorySegment data) {
    /** Elements of a row: the innermost dimension. */
    public int columns() {
        return shape[shape.length - 1];
    }

    /** All other dimensions together. */
    public int rows() {
        int rows = 1;
        for (int i = 0; i < shape.length - 1; i++) {
            rows = Math.multiplyExact(rows, shape[i]);
        }
        return rows;
    }

    /** Its shape as people write it, such as {@code [912, 64]}. */
    public String shapeText() {
        return Arrays.toString(shape);
    }

    /** The floats that a row stands for, each exactly what the format's definition makes of it. Safe for many threads. */
    public float[] row(int row) {
        byte[] bytes = new byte[Math.toIntExact(type.bytes(columns()))];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, (long) row * bytes.length, bytes, 0, bytes.length);
        float[] values = new float[columns()];
        blocks().decode(bytes, values);
        return values;
    }

    /**
     * Checks that its type can be read.
     *
     * @throws UserException if it can't
     */
    public void requireReadable() {
        blocks();
    }

    private Blocks blocks() {
        return type.blocks()
                .orElseThrow(() -> new UserException(file + ": tensor " + name + " has the type " + type
                        + ", which is not supported; use a file of one of " + GgmlType.supported()));
    }

    @Override
    public String toString() {
        return name + " " + type + shapeText();
    }
}

package dev.prag.lora;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.Int8;
import dev.prag.tensor.safetensors.StoredTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A matrix of an adapter as it lies in a file.
 *
 * @param values row-major; F32, BF16, or I8
 * @param factors of integers: what those of a row, or of a column, are multiplied by; else null
 * @param byColumn whether a factor belongs to a column
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record StoredMatrix(StoredTensor values, float[] factors, boolean byColumn) {
    private static final ValueLayout.OfFloat FLOATS =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORTS =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Number of elements. */
    long size() {
        return values.size();
    }

    int rows() {
        return values.shape()[0];
    }

    private int cols() {
        return values.shape()[1];
    }

    /** Copies elements, from the one at index {@code from} on. */
    void read(int from, float[] to, int offset, int count) {
        MemorySegment data = values.data();
        switch (values.dtype()) {
            case F32 -> MemorySegment.copy(data, FLOATS, (long) Float.BYTES * from, to, offset, count);
            case BF16 -> {
                short[] bits = new short[count];
                MemorySegment.copy(data, SHORTS, (long) Short.BYTES * from, bits, 0, count);
                for (int i = 0; i < count; i++) {
                    to[offset + i] = BFloat16.value(bits[i]);
                }
            }
            case I8 -> {
                byte[] integers = new byte[count];
                MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from, integers, 0, count);
                int cols = cols();
                for (int i = 0; i < count; i++) {
                    int at = from + i;
                    to[offset + i] = integers[i] * factors[byColumn ? at % cols : at / cols];
                }
            }
            case F16, I32 -> throw new IllegalStateException(values.toString());
        }
    }

    float[] toFloats() {
        float[] all = new float[Math.toIntExact(size())];
        read(0, all, 0, all.length);
        return all;
    }

    /**
     * A matrix as integers.
     *
     * @param byColumn whether the largest magnitude is taken of each column
     */
    static StoredMatrix quantised(String name, int[] shape, float[] elements, boolean byColumn) {
        int cols = shape[1];
        float[] factors = new float[byColumn ? cols : shape[0]];
        for (int i = 0; i < elements.length; i++) {
            int group = byColumn ? i % cols : i / cols;
            factors[group] = Math.max(factors[group], Math.abs(elements[i]));
        }
        float[] inverse = new float[factors.length];
        for (int group = 0; group < factors.length; group++) {
            factors[group] = Int8.scale(factors[group]);
            inverse[group] = Int8.inverse(factors[group]);
        }
        byte[] integers = new byte[elements.length];
        for (int i = 0; i < elements.length; i++) {
            integers[i] = Int8.quantise(elements[i], inverse[byColumn ? i % cols : i / cols]);
        }
        return new StoredMatrix(
                new StoredTensor(name, DType.I8, shape, MemorySegment.ofArray(integers)), factors, byColumn);
    }
}

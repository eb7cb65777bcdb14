package dev.prag.tensor.safetensors;

import dev.prag.base.UserException;
import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor as it lies in a file.
 *
 * @param name its name in the file
 * @param dtype element type
 * @param shape sizes of its dimensions, outermost first; empty for a scalar
 * @param data the elements, row-major, little-endian, perhaps not aligned to the element size; a slice of the mapped
 *     file, which stays mapped as long as the slice can be reached
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares tensors of files.
public record StoredTensor(String name, DType dtype, int[] shape, MemorySegment data) {
    private static final ValueLayout.OfShort SHORTS =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOATS =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    public StoredTensor {
        long expected = dtype.bytes();
        for (int size : shape) {
            expected = Math.multiplyExact(expected, (long) size);
        }
        if (expected != data.byteSize()) {
            throw new IllegalArgumentException(
                    name + ": " + data.byteSize() + " bytes for " + dtype + Arrays.toString(shape));
        }
    }

    /**
     * A tensor of these values in memory of the heap, for writing.
     *
     * @param dtype F32, or F16 or BF16, to which the values are rounded (to nearest, ties to even)
     * @param values row-major
     */
    public static StoredTensor of(String name, DType dtype, int[] shape, float[] values) {
        MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, dtype.bytes())]);
        switch (dtype) {
            case F32 -> MemorySegment.copy(values, 0, data, FLOATS, 0, values.length);
            case F16, BF16 -> {
                short[] bits = new short[values.length];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = dtype == DType.F16 ? Float.floatToFloat16(values[i]) : BFloat16.bits(values[i]);
                }
                MemorySegment.copy(bits, 0, data, SHORTS, 0, bits.length);
            }
            case I32, I8 -> throw new IllegalArgumentException(name + ": floats are not stored as " + dtype);
        }
        return new StoredTensor(name, dtype, shape.clone(), data);
    }

    /** Number of elements. */
    public long size() {
        return data.byteSize() / dtype.bytes();
    }

    /** Its shape as people write it, such as {@code [912, 64]}. */
    public String shapeText() {
        return Arrays.toString(shape);
    }

    /**
     * The values, row-major; F16 and BF16 convert exactly.
     *
     * @throws UserException if the elements are not floating point, or more than an array holds
     */
    public float[] toFloats() {
        if (dtype == DType.I32 || dtype == DType.I8) {
            throw new UserException("tensor " + name + " has the type " + dtype
                    + ", where floating point (F32, F16, BF16) is" + " needed; store it as one of these");
        }
        if (size() > Integer.MAX_VALUE - 8) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    "tensor " + name + " " + shapeText() + " has " + size() + " elements, more than the "
                            + (Integer.MAX_VALUE - 8) + " of an array; split it");
        }
        float[] values = new float[(int) size()];
        if (dtype == DType.F32) {
            MemorySegment.copy(data, FLOATS, 0, values, 0, values.length);
            return values;
        }
        short[] bits = new short[values.length];
        MemorySegment.copy(data, SHORTS, 0, bits, 0, bits.length);
        for (int i = 0; i < bits.length; i++) {
            values[i] = dtype == DType.F16 ? Float.float16ToFloat(bits[i]) : BFloat16.value(bits[i]);
        }
        return values;
    }

    /**
     * Checks that all elements are numbers.
     *
     * @param origin what holds the tensor, for the message
     * @param remedy what to do, for the message
     * @throws UserException naming the tensor and the first element that is infinite or not a number
     */
    public void requireFinite(String origin, String remedy) {
        long count = size();
        for (long i = 0; i < count; i++) {
            float value =
                    switch (dtype) {
                        case F32 -> data.get(FLOATS, 4 * i);
                        case F16 -> Float.float16ToFloat(data.get(SHORTS, 2 * i));
                        case BF16 -> BFloat16.value(data.get(SHORTS, 2 * i));
                        case I32, I8 -> 0;
                    };
            if (!Float.isFinite(value)) {
                throw new UserException(origin + ": tensor " + name + " holds " + value + " at element " + i
                        + ", which is no finite number; " + remedy);
            }
        }
    }

    @Override
    public String toString() {
        return name + " " + dtype + shapeText();
    }
}

package dev.prag.tensor.plain;

import dev.prag.tensor.DType;
import dev.prag.tensor.Tensor;

/** What stands behind a tensor: numbers (F32, BF16) or integers (I32), until it is released. */
final class PlainMemory {
    private double[] numbers;
    private int[] integers;

    PlainMemory(DType dtype, long size) {
        int length = Math.toIntExact(size);
        if (dtype == DType.I32) {
            integers = new int[length];
        } else {
            numbers = new double[length];
        }
    }

    void release() {
        numbers = null;
        integers = null;
    }

    /** The array that a F32 or BF16 tensor looks into, from {@link Tensor#offset()}. */
    static double[] numbers(Tensor tensor) {
        double[] numbers = of(tensor).numbers;
        if (numbers == null) {
            throw new IllegalStateException(tensor + " was closed");
        }
        return numbers;
    }

    /** The array that an I32 tensor looks into, from {@link Tensor#offset()}. */
    static int[] integers(Tensor tensor) {
        int[] integers = of(tensor).integers;
        if (integers == null) {
            throw new IllegalStateException(tensor + " was closed");
        }
        return integers;
    }

    static PlainMemory of(Tensor tensor) {
        if (tensor.memory() instanceof PlainMemory memory) {
            return memory;
        }
        throw new IllegalArgumentException(tensor + " belongs to another device");
    }
}

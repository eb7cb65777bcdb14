package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Conversions between element types, n elements from one address to another. */
final class Convert {
    private static final int CHUNK = 4096;

    private Convert() {}

    static void floatsToBf16(long to, long from, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.storeBf16(Vec.load(from + 4 * i), to + 2 * i);
        }
        for (; i < n; i++) {
            ALL.set(JAVA_SHORT_UNALIGNED, to + 2 * i, BFloat16.bits(ALL.get(JAVA_FLOAT_UNALIGNED, from + 4 * i)));
        }
    }

    static void bf16ToFloats(long to, long from, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.loadBf16(from + 2 * i), to + 4 * i);
        }
        for (; i < n; i++) {
            ALL.set(JAVA_FLOAT_UNALIGNED, to + 4 * i, BFloat16.value(ALL.get(JAVA_SHORT_UNALIGNED, from + 2 * i)));
        }
    }

    /** Floats that a bfloat16 can hold, for CPUs without products of bfloat16. */
    static void roundToBf16(long to, long from, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.roundToBf16(Vec.load(from + 4 * i)), to + 4 * i);
        }
        for (; i < n; i++) {
            ALL.set(JAVA_FLOAT_UNALIGNED, to + 4 * i, BFloat16.round(ALL.get(JAVA_FLOAT_UNALIGNED, from + 4 * i)));
        }
    }

    /** The elements of any type as floats in an array. */
    static void toArray(float[] to, long from, DType type, int n) {
        if (type == DType.F32) {
            MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, from, to, 0, n);
            return;
        }
        short[] halves = new short[n];
        MemorySegment.copy(ALL, JAVA_SHORT_UNALIGNED, from, halves, 0, n);
        for (int i = 0; i < n; i++) {
            to[i] = type == DType.F16 ? Float.float16ToFloat(halves[i]) : BFloat16.value(halves[i]);
        }
    }

    /** An array of floats as elements of F32 or BF16. */
    static void fromArray(long to, DType type, float[] from, int n) {
        if (type == DType.F32) {
            MemorySegment.copy(from, 0, ALL, JAVA_FLOAT_UNALIGNED, to, n);
            return;
        }
        short[] halves = new short[n];
        for (int i = 0; i < n; i++) {
            halves[i] = BFloat16.bits(from[i]);
        }
        MemorySegment.copy(halves, 0, ALL, JAVA_SHORT_UNALIGNED, to, n);
    }

    /** From a file's type to that of a weight. */
    static void stored(long to, DType toType, long from, DType fromType, long n) {
        if (fromType == toType) {
            MemorySegment.copy(ALL, from, ALL, to, n * toType.bytes());
        } else if (fromType == DType.BF16 && toType == DType.F32) {
            bf16ToFloats(to, from, n);
        } else if (fromType == DType.F32 && toType == DType.BF16) {
            floatsToBf16(to, from, n);
        } else {
            float[] chunk = new float[CHUNK];
            for (long i = 0; i < n; i += CHUNK) {
                int count = (int) Math.min(CHUNK, n - i);
                toArray(chunk, from + fromType.bytes() * i, fromType, count);
                fromArray(to + toType.bytes() * i, toType, chunk, count);
            }
        }
    }
}

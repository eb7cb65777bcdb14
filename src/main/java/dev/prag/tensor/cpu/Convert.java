package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.H;
import static dev.prag.tensor.cpu.Vec.I;
import static dev.prag.tensor.cpu.Vec.LANES;
import static dev.prag.tensor.cpu.Vec.LE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Conversions between element types, n elements from one address to another. */
final class Convert {
    private static final int CHUNK = 4096;

    /** The bits of a float without its sign; those of NaN are above those of infinity, and have this one set. */
    private static final int MAGNITUDE = 0x7fffffff;

    private static final int INFINITY = 0x7f800000;
    private static final int QUIET = 0x400000;
    /** The bits of a float that are those of a bfloat16. */
    private static final int UPPER = 0xffff0000;

    private Convert() {}

    /** Rounds to nearest, ties to even; NaN stays NaN. */
    static void floatsToBf16(long to, long from, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            IntVector bits = Vec.load(from + 4 * i).reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            VectorMask<Integer> nan = bits.and(MAGNITUDE).compare(VectorOperators.GT, INFINITY);
            IntVector rounded = bits.add(0x7fff).add(odd).blend(bits.or(QUIET), nan);
            ((ShortVector) rounded.lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2S, H, 0))
                    .intoMemorySegment(ALL, to + 2 * i, LE);
        }
        for (; i < n; i++) {
            Vec.setShort(to + 2 * i, BFloat16.bits(Vec.getFloat(from + 4 * i)));
        }
    }

    static void bf16ToFloats(long to, long from, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(H, ALL, from + 2 * i, LE)
                    .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
            Vec.store(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), to + 4 * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(to + 4 * i, BFloat16.value(Vec.getShort(from + 2 * i)));
        }
    }

    /** Floats that a bfloat16 can hold, for CPUs without products of bfloat16. */
    static void roundToBf16(long to, long from, long n) {
        long i = 0;
        for (; i <= n - LANES; i += LANES) {
            IntVector bits = Vec.load(from + 4 * i).reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            VectorMask<Integer> nan = bits.and(MAGNITUDE).compare(VectorOperators.GT, INFINITY);
            IntVector rounded = bits.add(0x7fff).add(odd).blend(bits.or(QUIET), nan);
            Vec.store(rounded.and(UPPER).reinterpretAsFloats(), to + 4 * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(to + 4 * i, BFloat16.round(Vec.getFloat(from + 4 * i)));
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

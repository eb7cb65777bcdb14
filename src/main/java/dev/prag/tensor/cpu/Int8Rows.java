package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.I;
import static dev.prag.tensor.cpu.Vec.LANES;
import static dev.prag.tensor.cpu.Vec.LE;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.Int8;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Kernels over quantised rows; {@link Int8} says how a row is quantised. */
final class Int8Rows {
    /** There are no vectors of less than 64 bits: where a float vector has four lanes, bytes are taken one by one. */
    private static final boolean VECTORS = LANES >= 8;

    /** As many bytes as a vector has floats. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(VECTORS ? 8 * LANES : 64));

    private Int8Rows() {}

    /**
     * Quantises n floats.
     *
     * @param type in which the integers are stored: I8, or BF16 or F32, which hold them exactly
     * @return their scale
     */
    static float quantise(long to, DType type, long from, int n) {
        float scale = Int8.scale(magnitude(from, n));
        float inverse = Int8.inverse(scale);
        int i = 0;
        if (VECTORS) {
            for (; i <= n - LANES; i += LANES) {
                store(Vec.load(from + 4L * i).mul(inverse).add(Vec.ROUNDER), to, type, i);
            }
        }
        for (; i < n; i++) {
            byte q = Int8.quantise(ALL.get(JAVA_FLOAT_UNALIGNED, from + 4L * i), inverse);
            switch (type) {
                case I8 -> ALL.set(JAVA_BYTE, to + i, q);
                case BF16 -> ALL.set(JAVA_SHORT_UNALIGNED, to + 2L * i, BFloat16.bits(q));
                default -> ALL.set(JAVA_FLOAT_UNALIGNED, to + 4L * i, q);
            }
        }
        return scale;
    }

    /** The largest magnitude; NaN where there is one, whose bits are larger than those of all numbers. */
    private static float magnitude(long from, int n) {
        IntVector largest = IntVector.zero(I);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            largest = largest.max(Vec.load(from + 4L * i).abs().reinterpretAsInts());
        }
        int bits = largest.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            float x = Math.abs(ALL.get(JAVA_FLOAT_UNALIGNED, from + 4L * i));
            bits = Math.max(bits, Float.floatToRawIntBits(x));
        }
        return Float.intBitsToFloat(bits);
    }

    /** Stores what was rounded by adding {@link Vec#ROUNDER}: the integers are the low bits. */
    private static void store(FloatVector rounded, long to, DType type, int at) {
        switch (type) {
            case I8 ->
                ((ByteVector) rounded.reinterpretAsInts().convertShape(VectorOperators.I2B, B, 0))
                        .intoMemorySegment(ALL, to + at, LE);
            case BF16 -> storeBf16(rounded.sub(Vec.ROUNDER), to + 2L * at);
            default -> Vec.store(rounded.sub(Vec.ROUNDER), to + 4L * at);
        }
    }

    /** Stores floats that a bfloat16 holds exactly. */
    private static void storeBf16(FloatVector exact, long to) {
        IntVector upper = exact.reinterpretAsInts().lanewise(VectorOperators.LSHR, 16);
        ((ShortVector) upper.convertShape(VectorOperators.I2S, Vec.H, 0)).intoMemorySegment(ALL, to, LE);
    }

    private static FloatVector load(long from) {
        return (FloatVector) ByteVector.fromMemorySegment(B, ALL, from, LE).convertShape(VectorOperators.B2F, F, 0);
    }

    /** n integers as F32 or BF16, which hold them exactly. */
    static void widen(long to, DType type, long from, long n) {
        if (type == DType.F32) {
            dequantise(to, from, n, 1);
            return;
        }
        long i = 0;
        if (VECTORS) {
            for (; i <= n - LANES; i += LANES) {
                storeBf16(load(from + i), to + 2 * i);
            }
        }
        for (; i < n; i++) {
            ALL.set(JAVA_SHORT_UNALIGNED, to + 2 * i, BFloat16.bits(ALL.get(JAVA_BYTE, from + i)));
        }
    }

    /** n floats scale·q. */
    static void dequantise(long to, long from, long n, float scale) {
        long i = 0;
        if (VECTORS) {
            for (; i <= n - LANES; i += LANES) {
                Vec.store(load(from + i).mul(scale), to + 4 * i);
            }
        }
        for (; i < n; i++) {
            ALL.set(JAVA_FLOAT_UNALIGNED, to + 4 * i, ALL.get(JAVA_BYTE, from + i) * scale);
        }
    }

    /** y ← factor·y (+ bias); bias is 0 where there is none. */
    static void scale(long y, int n, float factor, long bias) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector scaled = Vec.load(y + 4L * i).mul(factor);
            Vec.store(bias == 0 ? scaled : scaled.add(Vec.load(bias + 4L * i)), y + 4L * i);
        }
        for (; i < n; i++) {
            float scaled = ALL.get(JAVA_FLOAT_UNALIGNED, y + 4L * i) * factor;
            float shift = bias == 0 ? 0 : ALL.get(JAVA_FLOAT_UNALIGNED, bias + 4L * i);
            ALL.set(JAVA_FLOAT_UNALIGNED, y + 4L * i, scaled + shift);
        }
    }

    /** to ← factor·x. */
    static void scaled(long to, long x, int n, float factor) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).mul(factor), to + 4L * i);
        }
        for (; i < n; i++) {
            ALL.set(JAVA_FLOAT_UNALIGNED, to + 4L * i, ALL.get(JAVA_FLOAT_UNALIGNED, x + 4L * i) * factor);
        }
    }

    /** to ← x ⊙ factors; to may be x. */
    static void multiply(long to, long x, long factors, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).mul(Vec.load(factors + 4L * i)), to + 4L * i);
        }
        for (; i < n; i++) {
            float product = ALL.get(JAVA_FLOAT_UNALIGNED, x + 4L * i) * ALL.get(JAVA_FLOAT_UNALIGNED, factors + 4L * i);
            ALL.set(JAVA_FLOAT_UNALIGNED, to + 4L * i, product);
        }
    }
}

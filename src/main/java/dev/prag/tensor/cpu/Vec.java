package dev.prag.tensor.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors over raw addresses, in the widest species of this CPU: loads, stores and the exponential.
 *
 * <p>{@link #ALL} is the whole address space as one segment, so that kernels compute with addresses as C does. Every
 * address comes from a tensor whose shape was checked before.
 *
 * <p>A native image compiles vectors to instructions only where all that are connected (through operations and loops) can
 * be, otherwise it computes them lane by lane, some hundred times slower. So in the kernels of this package a vector is
 * no argument and no result of a method, but for single loads and stores; what a loop carries is no receiver of {@code
 * blend}; and there are no masks of a range: what is left behind the last whole vector is computed one by one, or as a
 * padded array. A single element is read and written by the handles of this class, which are constants.
 */
final class Vec {
    /** At most 16 floats. */
    static final VectorSpecies<Float> F =
            FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

    static final VectorSpecies<Integer> I = F.withLanes(int.class);

    /** As many bfloat16 as {@link #F} has floats. */
    static final VectorSpecies<Short> H = VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

    /** Floats in a vector. */
    static final int LANES = F.length();

    /** Elements whose exponentials are computed at once: an array of so many stays in the cache of a core. */
    static final int CHUNK = 512;

    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final VarHandle FLOATS = ValueLayout.JAVA_FLOAT_UNALIGNED.varHandle();
    private static final VarHandle INTS = ValueLayout.JAVA_INT_UNALIGNED.varHandle();
    private static final VarHandle LONGS = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();
    private static final VarHandle SHORTS = ValueLayout.JAVA_SHORT_UNALIGNED.varHandle();
    private static final VarHandle BYTES = ValueLayout.JAVA_BYTE.varHandle();

    private static final float LOG2_E = 1.44269504f;
    // ln 2 in two parts: the first has few enough bits for n * LN2_HIGH to be exact.
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Added to a small float it rounds it to an integer, which then stands in the low mantissa bits. */
    static final float ROUNDER = 12582912f;

    /** The smallest power of two that is a normal float. */
    private static final float EXP2_MIN = -126f;

    private static final float EXP_MIN = -87.3f;
    private static final float EXP_MAX = 88.3f;

    private Vec() {}

    /**
     * The sum of a vector's lanes, always in the same order. The library's own reduction has one order in compiled code
     * and another in interpreted code, so that a result would change while the program warms up.
     */
    static float sum(float[] lanes) {
        if (LANES == 16) {
            return (((lanes[0] + lanes[8]) + (lanes[4] + lanes[12])) + ((lanes[1] + lanes[9]) + (lanes[5] + lanes[13])))
                    + (((lanes[2] + lanes[10]) + (lanes[6] + lanes[14]))
                            + ((lanes[3] + lanes[11]) + (lanes[7] + lanes[15])));
        }
        if (LANES == 8) {
            return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
        }
        return LANES == 4 ? (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) : lanes[0] + lanes[1];
    }

    /** The largest multiple of the vector length not above n. */
    static int bound(int n) {
        return n & -LANES;
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(F, ALL, address, LE);
    }

    static void store(FloatVector v, long address) {
        v.intoMemorySegment(ALL, address, LE);
    }

    /** The last n floats of a row, fewer than a vector, as the lanes of one: the others are zero. */
    static float[] rest(long address, int n) {
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
            lanes[i] = getFloat(address + 4L * i);
        }
        return lanes;
    }

    static float getFloat(long address) {
        return (float) FLOATS.get(ALL, address);
    }

    static void setFloat(long address, float value) {
        FLOATS.set(ALL, address, value);
    }

    static int getInt(long address) {
        return (int) INTS.get(ALL, address);
    }

    static void setInt(long address, int value) {
        INTS.set(ALL, address, value);
    }

    static long getLong(long address) {
        return (long) LONGS.get(ALL, address);
    }

    static short getShort(long address) {
        return (short) SHORTS.get(ALL, address);
    }

    static void setShort(long address, short value) {
        SHORTS.set(ALL, address, value);
    }

    static byte getByte(long address) {
        return (byte) BYTES.get(ALL, address);
    }

    static void setByte(long address, byte value) {
        BYTES.set(ALL, address, value);
    }

    /**
     * x ← e^x for the elements [0, end), a multiple of the vector length: within 1e-7 relative for x in [-87.3, 88.3],
     * clamped outside. x = n ln 2 + r, and a polynomial for e^r (Moshier, Cephes library, expf).
     */
    static void exp(float[] x, int end) {
        for (int i = 0; i < end; i += LANES) {
            FloatVector bounded = FloatVector.fromArray(F, x, i).max(EXP_MIN).min(EXP_MAX);
            FloatVector shifted = bounded.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
            FloatVector n = shifted.sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), bounded);
            r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
            FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
            p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
            p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
            p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
            p = p.fma(r.mul(r), r).add(1f);
            IntVector powerOfTwo = shifted.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .add(0x3f800000);
            p.mul(powerOfTwo.reinterpretAsFloats()).intoArray(x, i);
        }
    }

    /**
     * x ← 2^(x - shift) for the elements [from, end), a multiple of the vector length apart: within 1.2e-7 relative for
     * exponents in [-126, 0], 2^-126 below, and NaN stays NaN. x = n + r, and a polynomial for 2^r with the least largest
     * relative error on [-1/2, 1/2] among those of degree 6 that give 1 for 0.
     */
    static void exp2(float[] x, int from, int end, float shift) {
        for (int i = from; i < end; i += LANES) {
            FloatVector exponent = FloatVector.fromArray(F, x, i).sub(shift);
            FloatVector bounded = exponent.blend(EXP2_MIN, exponent.compare(VectorOperators.LT, EXP2_MIN));
            FloatVector shifted = bounded.add(ROUNDER);
            FloatVector r = bounded.sub(shifted.sub(ROUNDER));
            FloatVector p = FloatVector.broadcast(F, 1.5353362e-4f);
            p = p.fma(r, FloatVector.broadcast(F, 1.33988745e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 9.61843736e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 5.55033247e-2f));
            p = p.fma(r, FloatVector.broadcast(F, 2.40226479e-1f));
            p = p.fma(r, FloatVector.broadcast(F, 6.93147203e-1f));
            p = p.fma(r, FloatVector.broadcast(F, 1f));
            IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p.reinterpretAsInts().add(power).reinterpretAsFloats().intoArray(x, i);
        }
    }
}

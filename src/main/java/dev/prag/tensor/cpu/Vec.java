package dev.prag.tensor.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors over raw addresses, in the widest species of this CPU: loads, stores, bfloat16 and the exponential.
 *
 * <p>{@link #ALL} is the whole address space as one segment, so that kernels compute with addresses as C does. Every
 * address comes from a tensor whose shape was checked before.
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

    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

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

    /** Brings the upper half of sixteen lanes down. */
    private static final VectorShuffle<Float> UPPER_HALF = VectorShuffle.fromOp(F, lane -> (lane + LANES / 2) % LANES);

    private Vec() {}

    /**
     * The sum of the lanes, always in the same order. The library's own reduction has one order in compiled code and
     * another in interpreted code, so that a result would change while the program warms up.
     */
    static float sum(FloatVector v) {
        if (LANES == 4) {
            return (v.lane(0) + v.lane(2)) + (v.lane(1) + v.lane(3));
        }
        if (LANES == 2) {
            return v.lane(0) + v.lane(1);
        }
        FloatVector s = LANES == 16 ? v.add(v.rearrange(UPPER_HALF)) : v;
        return ((s.lane(0) + s.lane(4)) + (s.lane(1) + s.lane(5)))
                + ((s.lane(2) + s.lane(6)) + (s.lane(3) + s.lane(7)));
    }

    /** The largest multiple of the vector length not above n. */
    static int bound(int n) {
        return n & -LANES;
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(F, ALL, address, LE);
    }

    /** Zero in the lanes that are not set. */
    static FloatVector load(long address, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(F, ALL, address, LE, mask);
    }

    static void store(FloatVector v, long address) {
        v.intoMemorySegment(ALL, address, LE);
    }

    static void store(FloatVector v, long address, VectorMask<Float> mask) {
        v.intoMemorySegment(ALL, address, LE, mask);
    }

    /** A vector of bfloat16 as floats. */
    static FloatVector loadBf16(long address) {
        ShortVector halves = ShortVector.fromMemorySegment(H, ALL, address, LE);
        IntVector bits = (IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
        return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    /** Rounds to bfloat16 and stores; see {@link #roundedBits}. */
    static void storeBf16(FloatVector v, long address) {
        ShortVector halves =
                (ShortVector) roundedBits(v).lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2S, H, 0);
        halves.intoMemorySegment(ALL, address, LE);
    }

    /** The nearest floats that a bfloat16 can hold. */
    static FloatVector roundToBf16(FloatVector v) {
        return roundedBits(v).and(0xffff0000).reinterpretAsFloats();
    }

    /** Upper halves rounded to nearest, ties to even; NaN stays NaN. The lower halves are left over. */
    private static IntVector roundedBits(FloatVector v) {
        IntVector bits = v.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        VectorMask<Integer> nan = v.test(VectorOperators.IS_NAN).cast(I);
        return bits.add(0x7fff).add(odd).blend(bits.or(0x400000), nan);
    }

    /**
     * e^x within 1e-7 relative for x in [-87.3, 88.3], clamped outside: x = n ln 2 + r, and a polynomial for e^r (Moshier,
     * Cephes library, expf).
     */
    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(EXP_MIN).min(EXP_MAX);
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
        IntVector powerOfTwo =
                shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(0x3f800000);
        return p.mul(powerOfTwo.reinterpretAsFloats());
    }

    /**
     * 2^x within 1.2e-7 relative for x in [-126, 0], 2^-126 below: x = n + r, and a polynomial for 2^r with the least
     * largest relative error on [-1/2, 1/2] among those of degree 6 that give 1 for 0. NaN stays NaN.
     */
    static FloatVector exp2(FloatVector x) {
        FloatVector bounded = x.blend(EXP2_MIN, x.compare(VectorOperators.LT, EXP2_MIN));
        FloatVector shifted = bounded.add(ROUNDER);
        FloatVector r = bounded.sub(shifted.sub(ROUNDER));
        FloatVector p = FloatVector.broadcast(F, 1.5353362e-4f);
        p = p.fma(r, FloatVector.broadcast(F, 1.33988745e-3f));
        p = p.fma(r, FloatVector.broadcast(F, 9.61843736e-3f));
        p = p.fma(r, FloatVector.broadcast(F, 5.55033247e-2f));
        p = p.fma(r, FloatVector.broadcast(F, 2.40226479e-1f));
        p = p.fma(r, FloatVector.broadcast(F, 6.93147203e-1f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    /** The larger of two, NaN in a left out: fewer instructions than the library's maximum. */
    static FloatVector larger(FloatVector a, FloatVector b) {
        return b.blend(a, a.compare(VectorOperators.GT, b));
    }

    /** 1 / (1 + e^-x). */
    static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(F, 1f).div(exp(x.neg()).add(1f));
    }
}

package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;
import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.I;
import static dev.prag.tensor.cpu.Vec.LANES;
import static dev.prag.tensor.cpu.Vec.LE;

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
        round(to, type, from, n, Int8.inverse(scale));
        return scale;
    }

    /** The integers of n floats, which fit a byte; in I8 the lower bytes of others. */
    static void round(long to, DType type, long from, int n, float inverse) {
        int i = 0;
        if (VECTORS) {
            i = Vec.bound(n);
            switch (type) {
                case I8 -> bytes(to, from, i, inverse);
                case BF16 -> halves(to, from, i, inverse);
                default -> floats(to, from, i, inverse);
            }
        }
        for (; i < n; i++) {
            byte q = Int8.quantise(Vec.getFloat(from + 4L * i), inverse);
            switch (type) {
                case I8 -> Vec.setByte(to + i, q);
                case BF16 -> Vec.setShort(to + 2L * i, BFloat16.bits(q));
                default -> Vec.setFloat(to + 4L * i, q);
            }
        }
    }

    /** The upper bytes of n integers of two bytes, as {@link Int8#upper}. */
    static void roundUpper(long to, long from, int n, float inverse) {
        int i = 0;
        if (VECTORS) {
            for (; i <= n - LANES; i += LANES) {
                IntVector bits =
                        Vec.load(from + 4L * i).mul(inverse).add(Vec.ROUNDER).reinterpretAsInts();
                IntVector upper = bits.add(128).lanewise(VectorOperators.LSHR, 8);
                ((ByteVector) upper.convertShape(VectorOperators.I2B, B, 0)).intoMemorySegment(ALL, to + i, LE);
            }
        }
        for (; i < n; i++) {
            Vec.setByte(to + i, Int8.upper(Int8.wide(Vec.getFloat(from + 4L * i), inverse)));
        }
    }

    /** The sum of the magnitudes of n floats, each times the inverse and rounded. */
    static long sumOfMagnitudes(long from, int n, float inverse) {
        IntVector sums = IntVector.zero(I);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            sums = sums.add(
                    Vec.load(from + 4L * i).abs().mul(inverse).add(Vec.ROUNDER).reinterpretAsInts());
        }
        int[] lanes = new int[LANES];
        sums.intoArray(lanes, 0);
        long sum = 0;
        for (int lane : lanes) {
            // What the rounder has added overflows; without it a lane's sum fits.
            sum += lane - (i / LANES) * Float.floatToRawIntBits(Vec.ROUNDER);
        }
        for (; i < n; i++) {
            sum += Int8.wide(Math.abs(Vec.getFloat(from + 4L * i)), inverse);
        }
        return sum;
    }

    /** union |= bits, of n ints at an address. */
    static void or(int[] union, long bits, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            IntVector.fromArray(I, union, i)
                    .or(IntVector.fromMemorySegment(I, ALL, bits + 4L * i, LE))
                    .intoArray(union, i);
        }
        for (; i < n; i++) {
            union[i] |= Vec.getInt(bits + 4L * i);
        }
    }

    /**
     * to [rows, padded] ← some columns of bytes [rows, stride], and zeros behind them.
     */
    static void gather(long to, int padded, long from, int stride, int rows, int[] columns) {
        for (int row = 0; row < rows; row++) {
            long source = from + (long) row * stride;
            long target = to + (long) row * padded;
            for (int i = 0; i < columns.length; i++) {
                Vec.setByte(target + i, Vec.getByte(source + columns[i]));
            }
            for (int i = columns.length; i < padded; i++) {
                Vec.setByte(target + i, (byte) 0);
            }
        }
    }

    /** y ← lower + 256·upper. */
    static void combine(long y, long lower, long upper, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(upper + 4L * i).mul(256f).add(Vec.load(lower + 4L * i)), y + 4L * i);
        }
        for (; i < n; i++) {
            float high = Vec.getFloat(upper + 4L * i) * 256;
            float low = Vec.getFloat(lower + 4L * i);
            Vec.setFloat(y + 4L * i, high + low);
        }
    }

    // Adding Vec.ROUNDER rounds: the integers are the low bits then.

    private static void bytes(long to, long from, int n, float inverse) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector rounded = Vec.load(from + 4L * i).mul(inverse).add(Vec.ROUNDER);
            ((ByteVector) rounded.reinterpretAsInts().convertShape(VectorOperators.I2B, B, 0))
                    .intoMemorySegment(ALL, to + i, LE);
        }
    }

    private static void halves(long to, long from, int n, float inverse) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector exact =
                    Vec.load(from + 4L * i).mul(inverse).add(Vec.ROUNDER).sub(Vec.ROUNDER);
            IntVector upper = exact.reinterpretAsInts().lanewise(VectorOperators.LSHR, 16);
            ((ShortVector) upper.convertShape(VectorOperators.I2S, Vec.H, 0)).intoMemorySegment(ALL, to + 2L * i, LE);
        }
    }

    private static void floats(long to, long from, int n, float inverse) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector rounded = Vec.load(from + 4L * i).mul(inverse).add(Vec.ROUNDER);
            Vec.store(rounded.sub(Vec.ROUNDER), to + 4L * i);
        }
    }

    /** The largest magnitude; NaN where there is one, whose bits are larger than those of all numbers. */
    static float magnitude(long from, int n) {
        IntVector largest = IntVector.zero(I);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            largest = largest.max(Vec.load(from + 4L * i).abs().reinterpretAsInts());
        }
        int bits = largest.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            float x = Math.abs(Vec.getFloat(from + 4L * i));
            bits = Math.max(bits, Float.floatToRawIntBits(x));
        }
        return Float.intBitsToFloat(bits);
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
                FloatVector exact = (FloatVector)
                        ByteVector.fromMemorySegment(B, ALL, from + i, LE).convertShape(VectorOperators.B2F, F, 0);
                IntVector upper = exact.reinterpretAsInts().lanewise(VectorOperators.LSHR, 16);
                ((ShortVector) upper.convertShape(VectorOperators.I2S, Vec.H, 0))
                        .intoMemorySegment(ALL, to + 2 * i, LE);
            }
        }
        for (; i < n; i++) {
            Vec.setShort(to + 2 * i, BFloat16.bits(Vec.getByte(from + i)));
        }
    }

    /** n floats scale·q. */
    static void dequantise(long to, long from, long n, float scale) {
        long i = 0;
        if (VECTORS) {
            for (; i <= n - LANES; i += LANES) {
                FloatVector q = (FloatVector)
                        ByteVector.fromMemorySegment(B, ALL, from + i, LE).convertShape(VectorOperators.B2F, F, 0);
                Vec.store(q.mul(scale), to + 4 * i);
            }
        }
        for (; i < n; i++) {
            Vec.setFloat(to + 4 * i, Vec.getByte(from + i) * scale);
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
            float scaled = Vec.getFloat(y + 4L * i) * factor;
            float shift = bias == 0 ? 0 : Vec.getFloat(bias + 4L * i);
            Vec.setFloat(y + 4L * i, scaled + shift);
        }
    }

    /** to ← factor·x. */
    static void scaled(long to, long x, int n, float factor) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).mul(factor), to + 4L * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(to + 4L * i, Vec.getFloat(x + 4L * i) * factor);
        }
    }

    /** to ← x ⊙ factors; to may be x. */
    static void multiply(long to, long x, long factors, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(x + 4L * i).mul(Vec.load(factors + 4L * i)), to + 4L * i);
        }
        for (; i < n; i++) {
            float product = Vec.getFloat(x + 4L * i) * Vec.getFloat(factors + 4L * i);
            Vec.setFloat(to + 4L * i, product);
        }
    }
}

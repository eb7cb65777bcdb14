package dev.prag.tensor;

/** Brain floating point: the upper half of an F32 (8 bits of exponent, 7 of mantissa). */
public final class BFloat16 {
    private BFloat16() {}

    /** The bits of the nearest bfloat16, ties to even; NaN stays NaN. */
    public static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /** The value of those bits, exactly. */
    public static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest value that a bfloat16 can hold. */
    public static float round(float value) {
        return value(bits(value));
    }
}

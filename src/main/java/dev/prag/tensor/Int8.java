package dev.prag.tensor;

/**
 * Symmetric quantisation of a row to integers in [-127, 127]: x ≈ scale·q, where scale is the largest magnitude of the
 * row over 127. Weights are quantised by output channel when they are loaded, activations by row in every product
 * (Dettmers et al., 2022, without the part for outliers).
 *
 * <p>These few lines decide every quantised value, so that all devices agree on them to the bit.
 */
public final class Int8 {
    /** The largest quantised magnitude; -128 is not used. */
    public static final int MAX = 127;

    private Int8() {}

    /**
     * What the integers of a row are multiplied by.
     *
     * @param magnitude the largest |x| of the row
     * @return 0 for a row that is too small to be told from zero; NaN or infinite for one that holds such a value
     */
    public static float scale(float magnitude) {
        float scale = magnitude / MAX;
        return scale < Float.MIN_NORMAL ? 0 : scale;
    }

    /** What the values of a row are multiplied by before they are rounded. */
    public static float inverse(float scale) {
        return scale == 0 ? 0 : 1 / scale;
    }

    /** The integer nearest to value·inverse, ties to even. */
    public static byte quantise(float value, float inverse) {
        return (byte) Math.rint(value * inverse);
    }
}

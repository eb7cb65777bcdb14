package dev.prag.tensor;

/**
 * Symmetric quantisation of a row to integers in [-127, 127]: x ≈ scale·q, where scale is the largest magnitude of the
 * row over 127. Weights are quantised by output channel when they are loaded, activations by row in every product
 * (Dettmers et al., 2022).
 *
 * <p>Rows of activations have a few channels that are a hundred times as large as the others, which a common scale would
 * round to next to nothing. So their step is no larger than what suits the usual channel, and integers that don't fit a
 * byte take a second one: x ≈ step·(256·upper + lower). The upper bytes are zero but for the outliers.
 *
 * <p>These few lines decide every quantised value, so that all devices agree on them to the bit.
 */
public final class Int8 {
    /** The largest quantised magnitude; -128 is not used. */
    public static final int MAX = 127;

    /** The largest magnitude of an activation's integer, which has two bytes. */
    public static final int WIDE_MAX = 256 * MAX;

    /** How many times the mean magnitude of a row of activations its first byte reaches. */
    private static final double REACH = 5;

    private Int8() {}

    /**
     * The smallest step of a row of activations: with it, the largest magnitude just fits two bytes.
     *
     * @return 0 for a row that is too small to be told from zero
     */
    public static float finest(float magnitude) {
        float finest = magnitude / WIDE_MAX;
        return finest < Float.MIN_NORMAL ? 0 : finest;
    }

    /**
     * The step of a row of activations. The sum is one of integers, so that it doesn't depend on the order of summation.
     *
     * @param magnitude the largest |x| of the row
     * @param sum of |x| in units of {@link #finest}, each rounded
     * @param n elements of the row
     */
    public static float step(float magnitude, long sum, int n) {
        double wanted = REACH * sum / ((double) n * MAX);
        return wanted < 256 ? finest(magnitude) * (float) Math.max(1, wanted) : scale(magnitude);
    }

    /** The integer of an activation, nearest to value·inverse, ties to even. */
    public static int wide(float value, float inverse) {
        return (int) Math.rint(value * inverse);
    }

    /** The lower byte of an activation's integer; what is left is 256 times the {@link #upper} one. */
    public static byte lower(int wide) {
        return (byte) wide;
    }

    /** The upper byte of an activation's integer. */
    public static byte upper(int wide) {
        return (byte) ((wide + 128) >> 8);
    }

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

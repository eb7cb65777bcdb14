package dev.prag.tensor.gguf;

/**
 * The types of 256 values a block, in groups whose scales are integers under a scale d of half precision. A value of
 * Q4_K and Q5_K is d·s·q - dmin·m, with s and m of six bits for each 32 values; one of Q6_K is d·s·q, with s of eight
 * bits for each 16 values and q around zero (ggml-quants.c, dequantize_row_q…_K).
 */
final class SuperBlocks {
    static final int VALUES = 256;

    private static final int GROUP = 32;

    private SuperBlocks() {}

    static void q4k(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 144, to += VALUES) {
            groups(bytes, at, at + 16, -1, values, to);
        }
    }

    static void q5k(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 176, to += VALUES) {
            groups(bytes, at, at + 48, at + 16, values, to);
        }
    }

    /**
     * The eight groups of a block of Q4_K or Q5_K, two by two: the first in the low four bits of 32 bytes, the second in
     * the high ones.
     *
     * @param quarters where the four bits of each value begin
     * @param fifths where the fifth bits begin, group g in bit g; negative if there are none
     */
    private static void groups(byte[] bytes, int at, int quarters, int fifths, float[] values, int to) {
        float d = Blocks.half(bytes, at);
        float dmin = Blocks.half(bytes, at + 2);
        for (int g = 0; g < VALUES / GROUP; g++) {
            float scale = d * scale(bytes, at + 4, g);
            float least = dmin * least(bytes, at + 4, g);
            int shift = 4 * (g & 1);
            int from = quarters + GROUP * (g >> 1);
            for (int i = 0; i < GROUP; i++) {
                int q = bytes[from + i] >> shift & 0xF;
                if (fifths >= 0) {
                    q |= (bytes[fifths + i] >> g & 1) << 4;
                }
                values[to + GROUP * g + i] = scale * q - least;
            }
        }
    }

    /** Six bits: of the first four groups in one byte, of the others four bits here and two bits there. */
    private static int scale(byte[] bytes, int scales, int g) {
        return g < 4 ? bytes[scales + g] & 0x3F : bytes[scales + 4 + g] & 0xF | bytes[scales + g - 4] >> 2 & 0x30;
    }

    private static int least(byte[] bytes, int scales, int g) {
        return g < 4 ? bytes[scales + 4 + g] & 0x3F : bytes[scales + 4 + g] >> 4 & 0xF | bytes[scales + g] >> 2 & 0x30;
    }

    /**
     * Two halves of 128 values: four times 32 values share 64 bytes of low bits and 32 of high ones.
     */
    static void q6k(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 210, to += VALUES) {
            float d = Blocks.half(bytes, at + 208);
            for (int part = 0; part < 8; part++) {
                int half = part >> 2;
                int quarter = part & 3;
                int low = at + 64 * half + GROUP * (quarter & 1);
                int high = at + 128 + GROUP * half;
                for (int i = 0; i < GROUP; i++) {
                    int q = bytes[low + i] >> 4 * (quarter >> 1) & 0xF | (bytes[high + i] >> 2 * quarter & 3) << 4;
                    float scale = d * bytes[at + 192 + 2 * part + (i >> 4)];
                    values[to + GROUP * part + i] = scale * (q - 32);
                }
            }
        }
    }
}

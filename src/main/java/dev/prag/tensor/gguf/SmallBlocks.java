package dev.prag.tensor.gguf;

/**
 * The types of 32 values a block: a scale d of half precision, in types whose name ends in 1 a least value m, then
 * integers q. A value is d·q + m, or d times q around zero. Of two halves of a block the first lies in the low four bits
 * of the bytes, the second in the high ones; a fifth bit lies apart (ggml-quants.c, dequantize_row_q…).
 */
final class SmallBlocks {
    static final int VALUES = 32;

    private static final int HALF = VALUES / 2;

    private SmallBlocks() {}

    static void q4With0(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 18, to += VALUES) {
            float d = Blocks.half(bytes, at);
            for (int i = 0; i < HALF; i++) {
                int pair = bytes[at + 2 + i];
                values[to + i] = d * ((pair & 0xF) - 8);
                values[to + HALF + i] = d * ((pair >> 4 & 0xF) - 8);
            }
        }
    }

    static void q4With1(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 20, to += VALUES) {
            float d = Blocks.half(bytes, at);
            float m = Blocks.half(bytes, at + 2);
            for (int i = 0; i < HALF; i++) {
                int pair = bytes[at + 4 + i];
                values[to + i] = d * (pair & 0xF) + m;
                values[to + HALF + i] = d * (pair >> 4 & 0xF) + m;
            }
        }
    }

    static void q5With0(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 22, to += VALUES) {
            float d = Blocks.half(bytes, at);
            int fifth = word(bytes, at + 2);
            for (int i = 0; i < HALF; i++) {
                int pair = bytes[at + 6 + i];
                values[to + i] = d * ((pair & 0xF | (fifth >>> i & 1) << 4) - 16);
                values[to + HALF + i] = d * ((pair >> 4 & 0xF | (fifth >>> HALF + i & 1) << 4) - 16);
            }
        }
    }

    static void q5With1(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 24, to += VALUES) {
            float d = Blocks.half(bytes, at);
            float m = Blocks.half(bytes, at + 2);
            int fifth = word(bytes, at + 4);
            for (int i = 0; i < HALF; i++) {
                int pair = bytes[at + 8 + i];
                values[to + i] = d * (pair & 0xF | (fifth >>> i & 1) << 4) + m;
                values[to + HALF + i] = d * (pair >> 4 & 0xF | (fifth >>> HALF + i & 1) << 4) + m;
            }
        }
    }

    static void q8With0(byte[] bytes, float[] values) {
        for (int at = 0, to = 0; at < bytes.length; at += 34, to += VALUES) {
            float d = Blocks.half(bytes, at);
            for (int i = 0; i < VALUES; i++) {
                values[to + i] = d * bytes[at + 2 + i];
            }
        }
    }

    private static int word(byte[] bytes, int at) {
        return bytes[at] & 0xFF
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | (bytes[at + 3] & 0xFF) << 24;
    }
}

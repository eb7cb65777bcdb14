package dev.prag.llm;

/**
 * Decodes UTF-8 piece by piece. Each longest piece of bytes that begins a character but doesn't become one gives a
 * U+FFFD (the Unicode Standard, section 3.9, substitution of maximal subparts), as do Rust and Python; Java's own
 * decoder differs where bytes encode a surrogate.
 */
final class Utf8Decoder {
    private static final char REPLACEMENT = '\uFFFD';

    private int codePoint;
    private int missing;
    private int least = 0x80;
    private int most = 0xBF;

    /** The characters that these bytes complete. */
    String push(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte signed : bytes) {
            int b = signed & 0xFF;
            if (missing > 0) {
                if (b >= least && b <= most) {
                    codePoint = (codePoint << 6) | (b & 0x3F);
                    missing--;
                    least = 0x80;
                    most = 0xBF;
                    if (missing == 0) {
                        text.appendCodePoint(codePoint);
                    }
                    continue;
                }
                missing = 0;
                text.append(REPLACEMENT);
            }
            begin(b, text);
        }
        return text.toString();
    }

    private void begin(int b, StringBuilder text) {
        least = 0x80;
        most = 0xBF;
        if (b < 0x80) {
            text.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            codePoint = b & 0x1F;
            missing = 1;
        } else if (b >= 0xE0 && b <= 0xEF) {
            codePoint = b & 0x0F;
            missing = 2;
            // No overlong forms, no surrogates.
            least = b == 0xE0 ? 0xA0 : 0x80;
            most = b == 0xED ? 0x9F : 0xBF;
        } else if (b >= 0xF0 && b <= 0xF4) {
            codePoint = b & 0x07;
            missing = 3;
            // No overlong forms, nothing beyond U+10FFFF.
            least = b == 0xF0 ? 0x90 : 0x80;
            most = b == 0xF4 ? 0x8F : 0xBF;
        } else {
            text.append(REPLACEMENT);
        }
    }

    /** What is left: U+FFFD if a character was begun. */
    String finish() {
        boolean begun = missing > 0;
        missing = 0;
        return begun ? String.valueOf(REPLACEMENT) : "";
    }
}

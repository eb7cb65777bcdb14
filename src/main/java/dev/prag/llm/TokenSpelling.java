package dev.prag.llm;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How tokens become text again. */
sealed interface TokenSpelling {
    /** The bytes that a token stands for. */
    byte[] bytes(String token);

    /** Spaces at the beginning of a whole text that don't belong to it. */
    int leadingSpaces();

    /** Characters that stand for bytes. */
    record ByteLevel() implements TokenSpelling {
        @Override
        public byte[] bytes(String token) {
            return ByteAlphabet.bytes(token);
        }

        @Override
        public int leadingSpaces() {
            return 0;
        }
    }

    /**
     * SentencePiece's.
     *
     * @param mark stands for what {@code space} says
     * @param byteFallback whether {@code <0x0A>} is a byte
     */
    record SentencePiece(String mark, String space, boolean byteFallback, int leadingSpaces) implements TokenSpelling {
        private static final Pattern BYTE = Pattern.compile("<0x([0-9a-fA-F]{2})>");

        @Override
        public byte[] bytes(String token) {
            Matcher matcher = BYTE.matcher(token);
            if (byteFallback && matcher.matches()) {
                return new byte[] {(byte) Integer.parseInt(matcher.group(1), 16)};
            }
            return token.replace(mark, space).getBytes(StandardCharsets.UTF_8);
        }

        /** The token of a byte. */
        static String spell(int unsignedByte) {
            return String.format("<0x%02X>", unsignedByte);
        }
    }
}

package dev.prag.llm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * The tokens that characters begin as in SentencePiece's vocabularies: their own, else those of their bytes, else the
 * unknown token.
 *
 * @param vocabulary ids by spelling
 * @param bytes ids of the tokens of single bytes; {@link BytePairs#NO_ID} where there is none
 * @param unknown what a character without tokens becomes; {@link BytePairs#NO_ID} where it is dropped
 * @param fuse whether neighbouring ones become one
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record CharacterSymbols(Map<String, Integer> vocabulary, int[] bytes, int unknown, boolean fuse) implements Symbols {
    @Override
    public int[] of(String piece) {
        int[] found = new int[piece.length() * 3 + 1];
        int n = 0;
        // As in the tokenizers library, an unknown token stands behind the bytes that follow its characters.
        boolean waiting = false;
        for (int at = 0; at < piece.length(); ) {
            int end = at + Character.charCount(piece.codePointAt(at));
            String character = piece.substring(at, end);
            at = end;
            Integer id = vocabulary.get(character);
            int[] fallback = id == null ? bytesOf(character) : null;
            if (fallback != null) {
                System.arraycopy(fallback, 0, found, n, fallback.length);
                n += fallback.length;
                continue;
            }
            if (waiting && (id != null || !fuse)) {
                found[n++] = unknown;
            }
            waiting = id == null && unknown != BytePairs.NO_ID;
            if (id != null) {
                found[n++] = id;
            }
        }
        if (waiting) {
            found[n++] = unknown;
        }
        return Arrays.copyOf(found, n);
    }

    /** Ids of a character's bytes; null where one has none. */
    private int[] bytesOf(String character) {
        byte[] utf8 = character.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            ids[i] = bytes[utf8[i] & 0xFF];
            if (ids[i] == BytePairs.NO_ID) {
                return null;
            }
        }
        return ids;
    }

    @Override
    public String spell(String piece) {
        return piece;
    }
}

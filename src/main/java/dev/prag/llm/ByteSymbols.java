package dev.prag.llm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tokens that bytes begin as in a byte-level vocabulary.
 *
 * @param ids of each byte; {@link BytePairs#NO_ID} where the vocabulary lacks it
 * @param unknown what such a byte becomes; {@link BytePairs#NO_ID} where it is dropped
 * @param fuse whether neighbouring ones become one
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record ByteSymbols(int[] ids, int unknown, boolean fuse) implements Symbols {
    /** The bytes' tokens, without those that are dropped. */
    @Override
    public int[] of(String piece) {
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        int[] found = new int[bytes.length];
        int n = 0;
        boolean unknownBefore = false;
        for (byte b : bytes) {
            int id = ids[b & 0xFF];
            boolean isUnknown = id == BytePairs.NO_ID;
            if (!isUnknown || unknown != BytePairs.NO_ID && !(fuse && unknownBefore)) {
                found[n++] = isUnknown ? unknown : id;
            }
            unknownBefore = isUnknown;
        }
        return n == found.length ? found : Arrays.copyOf(found, n);
    }

    @Override
    public String spell(String piece) {
        return ByteAlphabet.spell(piece.getBytes(StandardCharsets.UTF_8));
    }
}

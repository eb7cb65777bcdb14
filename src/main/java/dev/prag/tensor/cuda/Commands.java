package dev.prag.tensor.cuda;

import java.util.Arrays;

/**
 * Commands as words: a kind, what belongs to it, and nothing that isn't there. Two recordings do the same if their words
 * are the same.
 *
 * <p>Kernel: index, grid x, y, z, threads of a block, bytes of shared memory, number of arguments, arguments. Copy:
 * destination, source, bytes. Fill: destination, word, count. Product: see {@link Product}.
 */
final class Commands {
    static final int KERNEL = 1;
    static final int COPY = 2;
    static final int FILL = 3;
    static final int PRODUCT = 4;

    private long[] words = new long[1 << 10];
    private int length;

    void add(long word) {
        if (length == words.length) {
            words = Arrays.copyOf(words, 2 * length);
        }
        words[length++] = word;
    }

    long get(int at) {
        return words[at];
    }

    void set(int at, long word) {
        words[at] = word;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    long[] copy() {
        return Arrays.copyOf(words, length);
    }

    /** Whether these are the words of a copy. */
    boolean are(long[] others) {
        return Arrays.equals(words, 0, length, others, 0, others.length);
    }

    long hash() {
        long hash = length;
        for (int i = 0; i < length; i++) {
            hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return hash;
    }
}

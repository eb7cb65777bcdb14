package dev.prag.tensor.cpu;

/**
 * Reading weights ahead of a product of few rows. Such a product is bound by memory, and on some CPUs a kernel that
 * computes between its loads keeps fewer of them under way than the memory could serve. There it is faster to touch
 * every cache line of a part of W first, in a loop that does nothing else, and to compute from the cache.
 *
 * <p>Which is faster is found out on the first products themselves, for each number of rows: the two ways take turns,
 * and the one that took less time for its bytes stays. The results are the same.
 */
final class CacheFill {
    /** Most rows for which it may pay: with more, computing takes as long as reading. */
    private static final int MOST_ROWS = 4;

    /** Bytes of a part that fit the cache of a core beside everything else. */
    static final int PART_BYTES = 1 << 19;

    /** Parts larger than this are never touched first: they would be gone again before they are used. */
    private static final int MOST_PART_BYTES = 1 << 20;

    /** Turns of each way that are not counted: the loop is not compiled yet. */
    private static final int WARM_UP = 16;

    private static final int TURNS = 48;
    private static final int LINE = 64;

    private final long[][] nanos = new long[MOST_ROWS + 1][2];
    private final long[][] bytes = new long[MOST_ROWS + 1][2];
    private final int[] turns = new int[MOST_ROWS + 1];
    private long sum;

    /** Whether a product of so many rows with parts of so many bytes is to touch them first. */
    boolean wanted(int rows, long partBytes) {
        if (rows > MOST_ROWS || partBytes > MOST_PART_BYTES) {
            return false;
        }
        if (deciding(rows)) {
            return turns[rows] % 2 == 1;
        }
        return (double) nanos[rows][1] / bytes[rows][1] < (double) nanos[rows][0] / bytes[rows][0];
    }

    private boolean deciding(int rows) {
        return turns[rows] < 2 * (WARM_UP + TURNS);
    }

    /** Takes note of what a product took. */
    void took(int rows, boolean touched, long weightBytes, long elapsed) {
        if (rows > MOST_ROWS || !deciding(rows)) {
            return;
        }
        if (turns[rows] >= 2 * WARM_UP) {
            nanos[rows][touched ? 1 : 0] += elapsed;
            bytes[rows][touched ? 1 : 0] += weightBytes;
        }
        turns[rows]++;
    }

    /** Brings memory into the cache of the core that calls. */
    void touch(long address, long length) {
        long a = 0;
        long b = 0;
        long at = address;
        long end = address + length;
        for (; at + LINE < end; at += 2 * LINE) {
            a |= Vec.getLong(at);
            b |= Vec.getLong(at + LINE);
        }
        if (at < end) {
            a |= Vec.getLong(at);
        }
        // Threads may overwrite each other's: it only has to look as if somebody wanted it.
        sum = a | b;
    }

    /** What was read last; of no meaning. */
    long sum() {
        return sum;
    }
}

package dev.prag.tensor.cuda;

/** Sizes of tables and grids, rounded up so that a step much like the last one has the same. */
final class Buckets {
    private static final int STEPS = 4;

    private Buckets() {}

    /** The next number of the form 2^k·{4, 5, 6, 7} (and all up to 8): at most a quarter more. */
    static int up(int n) {
        int step = 1;
        while (n > 2 * STEPS * (long) step) {
            step *= 2;
        }
        return Math.toIntExact(Math.ceilDiv((long) n, step) * step);
    }

    /** The next power of two. */
    static int doubled(int n) {
        return n <= 1 ? 1 : Math.toIntExact(2L * Integer.highestOneBit(n - 1));
    }
}

package dev.prag.generation.grammar;

/** Sums of costs, where one may be endless. */
final class Costs {
    static final int ENDLESS = Integer.MAX_VALUE / 4;

    private Costs() {}

    static int sum(long a, long b) {
        return (int) Math.min(ENDLESS, a + b);
    }

    static int product(long a, long b) {
        return a == 0 || b == 0 ? 0 : (int) Math.min(ENDLESS, a * b);
    }
}

package dev.prag.lora;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014), written out so that an adapter's start is the same on every version of
 * Java.
 */
final class SplitMix {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private long state;

    private SplitMix(long state) {
        this.state = state;
    }

    /** A generator of its own for each combination of the keys. */
    static SplitMix keyed(long... keys) {
        long state = 0;
        for (long key : keys) {
            state = mix(state + GAMMA + key);
        }
        return new SplitMix(state);
    }

    /** Uniform in [0, 1), 53 bits. */
    double nextDouble() {
        state += GAMMA;
        return (mix(state) >>> 11) * 0x1p-53;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

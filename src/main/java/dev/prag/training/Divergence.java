package dev.prag.training;

import dev.prag.lora.Adapter;

/** When a training has gone wrong: what it made must not be used. */
final class Divergence {
    /** Losses that are compared, at either end. */
    private static final int WINDOW = 4;

    private Divergence() {}

    /**
     * Whether losses exploded: the last ones are, on average, worse than those of a model that takes every token for
     * equally likely, and more than twice the first ones. (A text that is itself worse than that for the model begins
     * so.)
     *
     * @param losses in nats, of all steps
     */
    static boolean exploded(float[] losses, int vocabSize) {
        int window = Math.min(WINDOW, losses.length / 2);
        if (window == 0) {
            return false;
        }
        double first = mean(losses, 0, window);
        double last = mean(losses, losses.length - window, losses.length);
        return !(last <= Math.max(2 * first, Math.log(vocabSize)));
    }

    private static double mean(float[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum / (to - from);
    }

    static boolean isFinite(Adapter adapter) {
        return adapter.updates().values().stream().allMatch(update -> isFinite(update.a()) && isFinite(update.b()));
    }

    private static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}

package dev.prag.parameterization;

import dev.prag.lora.Scope;
import java.time.Duration;
import java.util.List;

/**
 * How many passages are trained together: as many as take a given time at the rate of those before them. So adapters come
 * while others wait, what a killed process loses is bounded, and so is what a run takes beyond its time.
 */
final class TrainingPace {
    /** An adapter is measured against another one that is there. */
    private static final int FEWEST = 2;

    /** Multiplications and additions of a token with each weight: forward, and back to the activations. */
    private static final double OPERATIONS_A_WEIGHT = 4;

    /** A second, while nothing was trained yet: those of a slow processor. A first portion that is too small costs little. */
    private static final double ASSUMED_OPERATIONS = 50e9;

    private final Duration portion;
    private final Scope scope;
    private double secondsPerToken;

    /**
     * @param portion how long passages are trained together
     * @param parameters of the model
     * @param epochs how often a token is trained on
     * @param scope over which part of a sample adapters are in force
     */
    TrainingPace(Duration portion, long parameters, int epochs, Scope scope) {
        this.portion = portion;
        this.scope = scope;
        secondsPerToken = OPERATIONS_A_WEIGHT * parameters * epochs / ASSUMED_OPERATIONS;
    }

    /** Of some items those that come next, from the first one on: all, or at least two; and one is never left alone. */
    List<EncodingItem> next(List<EncodingItem> items) {
        double portions = tokens(items) * secondsPerToken * 1e9 / portion.toNanos();
        int most = Math.max(1, items.size() / FEWEST);
        return items.subList(0, Math.ceilDiv(items.size(), (int) Math.clamp(Math.ceil(portions), 1, most)));
    }

    /** So long it took to make of them what they became, the measuring and all trainings included. */
    void took(List<EncodingItem> items, Duration time) {
        secondsPerToken = time.toNanos() / 1e9 / Math.max(1, tokens(items));
    }

    private long tokens(List<EncodingItem> items) {
        return items.stream().mapToLong(item -> item.tokens(scope)).sum();
    }
}

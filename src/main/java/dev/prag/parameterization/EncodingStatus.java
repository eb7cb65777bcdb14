package dev.prag.parameterization;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * How far the encoding of all passages is, whichever processes do it.
 *
 * @param waiting passages that no encoder has yet
 * @param leased those that an encoder has
 * @param ready those whose adapter is in the store
 * @param withheld those whose adapter is below the recipe's bounds
 * @param failed those that were given up
 * @param augmented texts that an augmentation is kept of; equal passages share a text
 * @param trained passages whose adapter was trained, ready or withheld
 * @param tokensPerSecond that this process trains on; null where it doesn't train
 * @param secondsLeft until nothing waits, likely; null where that can't be said
 */
@RegisterForReflection
public record EncodingStatus(
        long waiting,
        long leased,
        long ready,
        long withheld,
        long failed,
        long augmented,
        long trained,
        Double tokensPerSecond,
        Long secondsLeft) {
    /** Passages that are over with: nothing more becomes of them by themselves. */
    long over() {
        return ready + withheld + failed;
    }

    long open() {
        return waiting + leased;
    }
}

package dev.prag.parameterization;

import java.time.Duration;
import java.util.Optional;

/**
 * How far an encoder is.
 *
 * @param phase what it is doing; training, where it augments the next passages beside it
 * @param done passages that this run has ready or given up
 * @param total those, and the ones that are still to come
 * @param fraction of this run's work, between 0 and 1; finer than {@code done}, as it counts what is half done, too
 * @param tokensPerSecond tokens trained on a second, in the batch that is being trained; 0 while none is
 * @param left time that is likely left; empty where it is too early to say
 */
public record EncodingProgress(
        Phase phase, long done, long total, double fraction, double tokensPerSecond, Optional<Duration> left) {
    /** What an encoder does. */
    public enum Phase {
        AUGMENTING,
        TRAINING,
        /** For the leases of another encoder, which may have died, to run out. */
        WAITING
    }
}

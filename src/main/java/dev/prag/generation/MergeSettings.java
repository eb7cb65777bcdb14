package dev.prag.generation;

import dev.prag.base.UserException;

/**
 * When a copy of the weights with a composition merged into it may stand in for the side branch.
 *
 * @param maxLogprobDifference how far its log-probabilities may be from those of the side branch, in nats; 0 for no
 *     copies
 * @param bytes most memory of a copy; there is one at a time
 */
public record MergeSettings(float maxLogprobDifference, long bytes) {
    /** Never. */
    public static final MergeSettings OFF = new MergeSettings(0, 0);

    public MergeSettings {
        if (!(maxLogprobDifference >= 0)) {
            throw new UserException("prag.merge.max-logprob-difference is " + maxLogprobDifference
                    + "; give the largest difference that is allowed, such as 0.01, or 0 for no merged copies");
        }
    }

    /** Whether it ever may. */
    public boolean enabled() {
        return maxLogprobDifference > 0;
    }
}

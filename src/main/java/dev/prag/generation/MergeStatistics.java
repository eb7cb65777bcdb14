package dev.prag.generation;

/**
 * What became of merged copies of the weights so far.
 *
 * @param made copies that came into use
 * @param refused copies given up because their log-probabilities were too far from those of the side branch
 * @param tokens tokens that copies have written
 */
public record MergeStatistics(long made, long refused, long tokens) {
    static final MergeStatistics NONE = new MergeStatistics(0, 0, 0);

    MergeStatistics plus(long moreMade, long moreRefused, long moreTokens) {
        return new MergeStatistics(made + moreMade, refused + moreRefused, tokens + moreTokens);
    }
}

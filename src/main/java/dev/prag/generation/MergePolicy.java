package dev.prag.generation;

import dev.prag.lora.Composition;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Decides when a composition is merged into a copy of the weights: where that pays by measured cost. How long a text will
 * get isn't known, and most end far below their limit. So a composition is taken to write as many tokens again as it has
 * written, at most what it may: a merge then comes when the side branch has cost as much as the merge will, and a text
 * that ends early never pays for one.
 */
final class MergePolicy {
    enum Choice {
        SIDE_BRANCH,
        /** The side branch, and the same row without it to learn what it costs. */
        MEASURE,
        MERGE
    }

    /** A copy has to save so many times what it costs. */
    static final double MARGIN = 2;
    /** Costs are only measured for texts that are expected to go on for so long. */
    static final int LONG = 64;
    /** A device keeps a matrix as rows, and once more as products want it. */
    private static final int LAYOUTS = 2;

    private static final int REMEMBERED = 64;

    private final MergeSettings settings;
    private final MergeCosts costs;
    private final ToLongFunction<Composition> bytes;
    private final Map<Composition, Past> pasts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Composition, Past> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** What is remembered of a composition. */
    private static final class Past {
        final long bytes;
        int written;
        boolean refused;

        Past(long bytes) {
            this.bytes = bytes;
        }
    }

    /** @param bytes of the matrices that a composition changes */
    MergePolicy(MergeSettings settings, MergeCosts costs, ToLongFunction<Composition> bytes) {
        this.settings = settings;
        this.costs = costs;
        this.bytes = bytes;
    }

    /**
     * How the next token of a lone sequence is to be computed; takes note of that token.
     *
     * @param remaining most tokens that it may still write
     */
    Choice next(Composition composition, int remaining) {
        Past past = past(composition);
        int expected = Math.min(past.written++, remaining);
        if (past.refused || past.bytes > settings.bytes() / LAYOUTS) {
            return Choice.SIDE_BRANCH;
        }
        if (expected >= LONG && costs.wantsPair()) {
            return Choice.MEASURE;
        }
        double saved = expected * costs.branch();
        return saved > 0 && saved > MARGIN * costs.merge(past.bytes) ? Choice.MERGE : Choice.SIDE_BRANCH;
    }

    /** The composition is merged now, which took so long. */
    void merged(Composition composition, double seconds) {
        costs.merged(past(composition).bytes, seconds);
    }

    /** Whether a copy whose log-probabilities differ by so much may be used; not a number may not. */
    boolean holds(float difference) {
        return difference <= settings.maxLogprobDifference();
    }

    /** The composition is not to be merged again. */
    void refuse(Composition composition) {
        past(composition).refused = true;
    }

    private Past past(Composition composition) {
        return pasts.computeIfAbsent(composition, c -> new Past(bytes.applyAsLong(c)));
    }
}

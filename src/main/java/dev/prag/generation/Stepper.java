package dev.prag.generation;

import dev.prag.llm.Batch;
import dev.prag.tensor.SamplingRow;
import java.util.List;
import java.util.function.Supplier;

/** Runs one step: the model's part of it, which scheduling needs to know nothing else about. */
interface Stepper extends AutoCloseable {
    /**
     * The tokens chosen after the rows asked for, in their order, and their log-probabilities.
     *
     * @param top the most probable tokens there, one for each of the ids; empty if none were asked for
     */
    record Chosen(int[] ids, float[] logprobs, List<Scorer.Top> top) {
        Chosen(int[] ids, float[] logprobs) {
            this(ids, logprobs, List.of());
        }

        /** The most probable tokens of a row: so many of those that were asked for; null for none. */
        Scorer.Top top(int row, int count) {
            return count == 0 || top.isEmpty() ? null : top.get(row).best(count);
        }
    }

    /**
     * Computes the batch, writes its keys and values to the cache, and chooses a token after each of the rows. A step
     * that failed may be run again.
     *
     * @param rows rows of the batch whose sequences end there, in order; may be empty
     * @param sampling one for each of the rows; asked for once the logits are there, as what is allowed may be found out
     *     meanwhile
     * @param outlook what else is known of the step
     */
    Chosen step(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, Outlook outlook);

    /** Waits for what was queued: from then on nothing uses the adapters of sequences that have no further step. */
    default void settle() {}

    /** Gives up what is kept of compositions from step to step; between two steps, on their thread. */
    default void forget() {}

    /** What became of merged copies of the weights; from any thread. */
    default MergeStatistics merges() {
        return MergeStatistics.NONE;
    }

    @Override
    void close();
}

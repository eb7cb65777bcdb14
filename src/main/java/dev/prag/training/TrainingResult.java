package dev.prag.training;

import dev.prag.lora.Adapter;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What became of a job.
 *
 * @param id of the job
 * @param adapter null if the training diverged: what came of it is of no use to anybody
 * @param losses mean loss over the learned tokens of every step's sample, in nats, before the step; where the training
 *     diverged, of the steps until then
 */
public record TrainingResult(String id, Adapter adapter, float[] losses) {
    private static final int SHOWN = 4;

    /** The same training, with what was made of its adapter. */
    public TrainingResult with(Adapter other) {
        return new TrainingResult(id, other, losses);
    }

    /** Whether a loss or an adapter value isn't finite, or the losses ended far above where they began. */
    public boolean diverged() {
        return adapter == null;
    }

    /** The last losses, for people, such as "2.31, 48.02, NaN". */
    public String lastLosses() {
        return IntStream.range(Math.max(0, losses.length - SHOWN), losses.length)
                .mapToObj(i -> Float.isFinite(losses[i])
                        ? String.format(Locale.ROOT, "%.2f", losses[i])
                        : String.valueOf(losses[i]))
                .collect(Collectors.joining(", "));
    }
}

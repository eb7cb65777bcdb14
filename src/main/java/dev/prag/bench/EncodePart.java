package dev.prag.bench;

import dev.prag.lora.Projection;
import dev.prag.training.Sample;
import dev.prag.training.StepListener;
import dev.prag.training.Trainer;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Training passages' adapters together, with the samples of the method: rank 2 on the feed-forward projections, five
 * samples of about 1,300 tokens in all, loss on all tokens. A run takes one step of every passage.
 */
final class EncodePart {
    private static final String PART = "encode";
    private static final int[] PASSAGES = {1, 4, 16, 64};

    /** Tokens of the five samples of a passage: with the passage, with its rewrite, and without either. */
    private static final int[] SAMPLES = {310, 280, 270, 260, 180};

    private static final int TOKENS = 1300;

    /** Tokens that a warm-up trains on. */
    private static final int WARM_UP = 512;

    private EncodePart() {}

    static List<Figure> run(Subject subject, Ceilings ceilings, int runs, int maxRows, int most) throws Exception {
        List<Figure> figures = new ArrayList<>();
        TrainingRecipe recipe = new TrainingRecipe(
                2,
                32,
                EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN),
                3e-4f,
                1,
                TrainingRecipe.LossOn.ALL,
                1);
        try (Trainer trainer = new Trainer(subject.decoder(), maxRows)) {
            trainer.train(List.of(job(subject, 0, WARM_UP)), recipe, StepListener.NONE);
            for (int passages : PASSAGES) {
                if (passages > most) {
                    continue;
                }
                List<TrainingJob> jobs = new ArrayList<>();
                int tokens = 0;
                for (int i = 0; i < passages; i++) {
                    int length = SAMPLES[i % SAMPLES.length];
                    jobs.add(job(subject, i, length));
                    tokens += length;
                }
                Spread seconds = Spread.seconds(1, runs, () -> trainer.train(jobs, recipe, StepListener.NONE));
                int rows = Math.min(tokens, maxRows);
                double best = (ceilings.layersForward(subject, rows)
                                + ceilings.layersBackward(subject, rows)
                                + ceilings.headForward(subject, rows)
                                + ceilings.headBackward(subject, rows))
                        * tokens
                        / rows;
                String name = passages == 1 ? "1 passage at once" : passages + " passages at once";
                figures.add(Figure.of(PART, name, "tok/s", seconds.per(tokens))
                        .compared(best / seconds.median(), "products alone"));
                figures.add(
                        Figure.of(PART, name + ", 1300 tokens", "s/passage", seconds.times((double) TOKENS / tokens)));
            }
        }
        return figures;
    }

    private static TrainingJob job(Subject subject, int seed, int length) {
        return new TrainingJob("passage " + seed, List.of(new Sample(subject.ids(length, seed), 1)), null);
    }
}

package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.DecoderWorkspace;
import dev.prag.llm.KvCache;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.Segment;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the trainer promises beyond parity: independence of jobs, order, memory budget, errors. */
class TrainerTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final TrainingRecipe RECIPE =
            new TrainingRecipe(2, 32, Changes.FEED_FORWARD, 1e-3f, 2, TrainingRecipe.LossOn.ALL, 7);

    private static TrainingRecipe with(Set<Projection> targets, TrainingRecipe.LossOn lossOn) {
        return new TrainingRecipe(2, 32, targets, 1e-3f, 2, lossOn, 7);
    }

    /** Jobs with different numbers of samples, of different lengths. */
    private static List<TrainingJob> jobs() {
        List<TrainingJob> jobs = new ArrayList<>();
        for (int d = 0; d < 3; d++) {
            List<Sample> samples = new ArrayList<>();
            for (JsonNode sample : MODEL.json("train-" + d).get("samples")) {
                int[] ids = ReferenceModel.ids(sample.get("ids"));
                samples.add(new Sample(Arrays.copyOf(ids, Math.min(ids.length, 36)), 20));
            }
            jobs.add(new TrainingJob("job " + d, samples.subList(0, 2 + d), null));
        }
        return jobs;
    }

    private static Adapter start() {
        return Adapter.initial(
                MODEL.config().decoderShape(), RECIPE.rank(), RECIPE.alpha(), RECIPE.targets(), RECIPE.seed());
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void togetherIsAlone(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300);
                Trainer narrow = new Trainer(decoder, 80)) {
            List<TrainingJob> jobs = jobs();
            List<TrainingResult> together = trainer.train(jobs, RECIPE, StepListener.NONE);
            List<TrainingResult> inWaves = narrow.train(jobs, RECIPE, StepListener.NONE);
            for (int i = 0; i < jobs.size(); i++) {
                TrainingResult alone = trainer.train(List.of(jobs.get(i)), RECIPE, StepListener.NONE)
                        .getFirst();
                assertEquals(2 * jobs.get(i).samples().size(), alone.losses().length);
                for (TrainingResult result : List.of(together.get(i), inWaves.get(i))) {
                    assertEquals(jobs.get(i).id(), result.id());
                    assertArrayEquals(alone.losses(), result.losses(), 1e-5f);
                    assertTrue(Changes.relativeError(result.adapter(), alone.adapter(), start()) < 1e-4);
                }
            }
        }
    }

    @Test
    void togetherIsNearlyAloneInBf16() {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.BF16);
                Trainer trainer = new Trainer(decoder, 300)) {
            List<TrainingResult> together = trainer.train(jobs(), RECIPE, StepListener.NONE);
            for (int i = 0; i < together.size(); i++) {
                float[] alone = trainer.train(List.of(jobs().get(i)), RECIPE, StepListener.NONE)
                        .getFirst()
                        .losses();
                for (int step = 0; step < alone.length; step++) {
                    assertEquals(alone[step], together.get(i).losses()[step], 0.03 * alone[step]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void aSmallMemoryBudgetChangesNothing(TestDevice where) {
        TrainingRecipe recipe = with(EnumSet.allOf(Projection.class), TrainingRecipe.LossOn.ANSWER);
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer roomy = new Trainer(decoder, 200);
                Trainer tight = new Trainer(decoder, 200, 0)) {
            List<TrainingResult> expected = roomy.train(jobs(), recipe, StepListener.NONE);
            List<TrainingResult> recomputed = tight.train(jobs(), recipe, StepListener.NONE);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i).losses(), recomputed.get(i).losses(), 1e-4f);
            }
        }
    }

    /** Finite differences of the loss along the gradient, for each set of projections that takes its own short cut. */
    @Test
    void gradientsOfEveryProjection() {
        for (Set<Projection> targets : List.of(
                EnumSet.allOf(Projection.class),
                EnumSet.of(Projection.O),
                EnumSet.of(Projection.DOWN),
                EnumSet.of(Projection.K),
                EnumSet.of(Projection.UP))) {
            try (Device device = TestDevice.PLAIN.open();
                    Decoder decoder = ReferenceModel.QWEN_2_5.decoder(device, DType.F32);
                    Backpropagation backpropagation = new Backpropagation(decoder, 64, Long.MAX_VALUE)) {
                float[] scales = new float[15];
                Arrays.fill(scales, 1);
                Slope.check(
                        decoder,
                        backpropagation,
                        targets,
                        composition -> Runs.batch(Runs.range(10, 26), composition),
                        new Backpropagation.Labels(Runs.range(0, 15), Runs.range(11, 26), scales),
                        Backpropagation.Distributions.NONE,
                        null);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void aSegmentMayAttendToACachedPrefix(TestDevice where) {
        int[] ids = ReferenceModel.ids(MODEL.json("greedy").get(1).get("prompt"));
        int prefix = 16;
        int n = ids.length;
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 64, Long.MAX_VALUE);
                DecoderWorkspace workspace = decoder.newWorkspace(prefix, 1);
                KvCache cache = decoder.newCache(1, prefix);
                AdapterSlab slab =
                        new AdapterSlab(device, MODEL.config().decoderShape(), AdapterSlab.footprint(start()));
                AdapterSlab.Slot slot = slab.load(start());
                Tensor gradients = device.allocate(
                        DType.F32, slab.memory().rows(), slab.memory().cols())) {
            Span cached = new Span(0, prefix, 0, new int[] {0});
            Batch head = new Batch(Arrays.copyOf(ids, prefix), List.of(new Segment(cached, Composition.NONE)));
            decoder.forward(head, workspace, cache);
            float[] scales = new float[n - prefix - 1];
            Arrays.fill(scales, 1);
            int[] labels = Arrays.copyOfRange(ids, prefix + 1, n);

            // B is zero, so the prefix is the same with and without the adapter.
            Composition composition = new Composition(List.of(new Composition.Term(slot, 1)));
            Span rest = new Span(0, n - prefix, prefix, new int[] {0});
            Batch tail = new Batch(Arrays.copyOfRange(ids, prefix, n), List.of(new Segment(rest, composition)));
            float[] losses = backpropagation.run(
                    tail, new Backpropagation.Labels(Runs.range(0, labels.length), labels, scales), cache, gradients);
            float[] whole = backpropagation.run(
                    Runs.batch(ids, composition),
                    new Backpropagation.Labels(Runs.range(prefix, n - 1), labels, scales),
                    null,
                    gradients);
            assertArrayEquals(whole, losses, 1e-4f);
        }
    }

    @Test
    void stepsAreToldInOrder() {
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 128)) {
            List<String> heard = new ArrayList<>();
            List<TrainingResult> results =
                    trainer.train(jobs().subList(0, 2), RECIPE, (job, step, loss) -> heard.add(job + "/" + step));
            assertEquals(List.of("0/0", "1/0", "0/1", "1/1", "0/2", "1/2", "0/3", "1/3", "1/4", "1/5"), heard);
            assertTrue(results.getFirst().losses()[2] < results.getFirst().losses()[0]);
            assertEquals(List.of(), trainer.train(List.of(), RECIPE, StepListener.NONE));
        }
    }

    @Test
    void aWarmStartGoesOnFromWhereItWas() {
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 128)) {
            TrainingJob job = jobs().getFirst();
            TrainingResult first =
                    trainer.train(List.of(job), RECIPE, StepListener.NONE).getFirst();
            TrainingJob again = new TrainingJob("again", job.samples(), first.adapter());
            float loss = trainer.train(List.of(again), RECIPE, StepListener.NONE)
                    .getFirst()
                    .losses()[0];
            assertTrue(loss < first.losses()[2], "the third epoch begins below the second");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void updatesStayWithinTheirBound(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 128)) {
            for (float most : new float[] {0.001f, 10}) {
                TrainingRecipe recipe = new TrainingRecipe(
                        2,
                        32,
                        Changes.FEED_FORWARD,
                        1e-3f,
                        2,
                        TrainingRecipe.LossOn.ALL,
                        7,
                        LossWeights.ANSWERS,
                        most,
                        0);
                Adapter adapter = trainer.train(jobs().subList(0, 1), recipe, StepListener.NONE)
                        .getFirst()
                        .adapter();
                double largest = 0;
                for (Map.Entry<Adapter.Target, Adapter.LowRank> update :
                        adapter.updates().entrySet()) {
                    Adapter.Target target = update.getKey();
                    double share = adapter.scaling()
                            * product(update.getValue(), adapter.rank())
                            / decoder.norm(target.layer(), target.projection());
                    largest = Math.max(largest, share);
                }
                if (most < 1) {
                    assertEquals(most, largest, 1e-3 * most);
                } else {
                    assertTrue(largest > 0.002, "unbounded: " + largest);
                }
            }
        }
    }

    /** The Frobenius norm of B·A, element by element. */
    private static double product(Adapter.LowRank update, int rank) {
        int in = update.a().length / rank;
        double square = 0;
        for (int o = 0; o < update.b().length / rank; o++) {
            for (int i = 0; i < in; i++) {
                double sum = 0;
                for (int r = 0; r < rank; r++) {
                    sum += update.b()[o * rank + r] * update.a()[r * in + i];
                }
                square += sum * sum;
            }
        }
        return Math.sqrt(square);
    }

    @Test
    void theBestEpochIsKeptAndTheRestLeftOut() {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 256)) {
            List<Sample> samples = jobs().get(2).samples();
            List<Sample> learned = samples.subList(0, 2);
            // What isn't learned gets worse while the rest is overlearned.
            TrainingRecipe whole = new TrainingRecipe(
                    2, 32, Changes.FEED_FORWARD, 1e-2f, 30, TrainingRecipe.LossOn.ALL, 7, LossWeights.ANSWERS, 0, 0);
            TrainingRecipe watched = new TrainingRecipe(
                    2, 32, Changes.FEED_FORWARD, 1e-2f, 30, TrainingRecipe.LossOn.ALL, 7, LossWeights.ANSWERS, 0, 2);
            TrainingJob job = new TrainingJob("j", learned, null, null, samples.subList(2, 3));
            TrainingResult result =
                    trainer.train(List.of(job), watched, StepListener.NONE).getFirst();
            int epochs = result.losses().length / 2;
            assertTrue(epochs < 30, epochs + " epochs");
            // The best was two epochs before the end: as if it had been trained so long.
            TrainingRecipe until = new TrainingRecipe(
                    2,
                    32,
                    Changes.FEED_FORWARD,
                    1e-2f,
                    epochs - 2,
                    TrainingRecipe.LossOn.ALL,
                    7,
                    LossWeights.ANSWERS,
                    0,
                    0);
            TrainingResult best = trainer.train(List.of(new TrainingJob("j", learned, null)), until, StepListener.NONE)
                    .getFirst();
            assertEquals(0, Changes.relativeError(result.adapter(), best.adapter(), start()), 1e-6);
            // Without patience for it nobody looks.
            assertEquals(
                    60,
                    trainer.train(List.of(job), whole, StepListener.NONE)
                            .getFirst()
                            .losses()
                            .length);
        }
    }

    @Test
    void cancelledBetweenSteps() {
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 256)) {
            List<Integer> steps = new ArrayList<>();
            assertThrows(
                    CancellationException.class,
                    () -> trainer.train(
                            jobs().subList(0, 1),
                            RECIPE,
                            null,
                            (job, step, loss) -> steps.add(step),
                            () -> steps.size() == 2));
            assertEquals(List.of(0, 1), steps);
        }
    }

    @Test
    void refusesWhatCannotBeLearned() {
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 32)) {
            TrainingRecipe onAnswer = with(Changes.FEED_FORWARD, TrainingRecipe.LossOn.ANSWER);
            refused(trainer, RECIPE, List.of(), null, "no samples");
            refused(trainer, RECIPE, List.of(new Sample(new int[33], 0)), null, "33 tokens");
            refused(trainer, RECIPE, List.of(new Sample(new int[1], 0)), null, "1 tokens");
            refused(trainer, RECIPE, List.of(new Sample(new int[] {1, 912}, 0)), null, "912");
            refused(trainer, RECIPE, List.of(new Sample(new int[] {1, -1}, 0)), null, "-1");
            refused(trainer, onAnswer, List.of(new Sample(new int[] {1, 2}, 2)), null, "answer_from is 2");
            refused(trainer, onAnswer, List.of(new Sample(new int[] {1, 2}, -1)), null, "answer_from is -1");
            List<Sample> good = List.of(new Sample(new int[] {1, 2}, 1));
            refused(trainer, RECIPE, good, MODEL.adapter("foreign"), "rank 4");
            refused(trainer, RECIPE, good, ReferenceModel.QWEN_2_5.adapter("0"), "another model");
            assertThrows(UserException.class, () -> with(Set.of(), TrainingRecipe.LossOn.ALL));
        }
    }

    private static void refused(
            Trainer trainer, TrainingRecipe recipe, List<Sample> samples, Adapter init, String named) {
        List<TrainingJob> jobs = List.of(new TrainingJob("p7", samples, init));
        UserException e = assertThrows(UserException.class, () -> trainer.train(jobs, recipe, StepListener.NONE));
        assertTrue(e.getMessage().contains(named), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void oneThatDivergesIsOverAndTheOthersAreAsIfAlone(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            List<TrainingJob> jobs = new ArrayList<>(jobs());
            jobs.set(1, new TrainingJob("hot", jobs.get(1).samples(), unnumbered(start())));
            List<TrainingResult> together = trainer.train(jobs, RECIPE, StepListener.NONE);
            TrainingResult hot = together.get(1);
            assertTrue(hot.diverged());
            assertEquals(1, hot.losses().length, "it is over");
            assertTrue(hot.lastLosses().matches("NaN|-?Infinity"), hot.lastLosses());
            for (int i : new int[] {0, 2}) {
                TrainingResult alone = trainer.train(List.of(jobs.get(i)), RECIPE, StepListener.NONE)
                        .getFirst();
                assertArrayEquals(alone.losses(), together.get(i).losses(), 1e-5f);
                assertTrue(Changes.relativeError(together.get(i).adapter(), alone.adapter(), start()) < 1e-4);
            }
        }
    }

    /** The adapter with values that aren't numbers. */
    private static Adapter unnumbered(Adapter adapter) {
        Map<Adapter.Target, Adapter.LowRank> updates = new HashMap<>();
        adapter.updates().forEach((target, update) -> {
            float[] b = update.b().clone();
            Arrays.fill(b, Float.NaN);
            updates.put(target, new Adapter.LowRank(update.a(), b));
        });
        return new Adapter(adapter.rank(), adapter.alpha(), adapter.rsLora(), updates);
    }

    @Test
    void lossesThatEndFarAboveTheirBeginningHaveExploded() {
        assertTrue(Divergence.exploded(new float[] {2, 2, 30, 90}, 1000));
        assertTrue(Divergence.exploded(new float[] {2, Float.NaN}, 1000));
        assertFalse(Divergence.exploded(new float[] {2, 2, 5, 6}, 1000), "better than a guess");
        assertFalse(Divergence.exploded(new float[] {12, 12, 13, 14}, 1000), "it began so");
        assertFalse(Divergence.exploded(new float[] {50}, 1000), "nothing is told by one");
    }
}

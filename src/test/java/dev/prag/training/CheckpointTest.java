package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.llm.Decoder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.Projection;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A training that is interrupted and goes on is the one that wasn't, to the last bit. */
class CheckpointTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final LossWeights WEIGHTS = new LossWeights(1, 0, 0.9f, 4, 0.4f);

    @TempDir
    Path folder;

    private static TrainingRecipe recipe(LossWeights weights, int patience) {
        return new TrainingRecipe(
                2, 32, Changes.FEED_FORWARD, 1e-2f, 4, TrainingRecipe.LossOn.ALL, 7, weights, 0.01f, patience);
    }

    private static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode sample : MODEL.json("train-1").get("samples")) {
            int[] ids = ReferenceModel.ids(sample.get("ids"));
            samples.add(new Sample(Arrays.copyOf(ids, Math.min(ids.length, 30)), 20));
        }
        return samples.subList(0, 3);
    }

    private static Adapter start() {
        return Adapter.initial(MODEL.config().decoderShape(), 2, 32, Changes.FEED_FORWARD, 7);
    }

    private static TrainingJob from(TrainingJob job, Checkpoint checkpoint) {
        return new TrainingJob(job.id(), job.samples(), job.init(), job.seed(), job.validation(), checkpoint);
    }

    /** Keeps what is due after every {@code every}th round. */
    private static final class Kept implements CheckpointKeeper {
        private final int every;
        private final Map<Integer, Checkpoint> last = new TreeMap<>();
        private int rounds;

        Kept(int every) {
            this.every = every;
        }

        @Override
        public boolean isDue() {
            return ++rounds % every == 0;
        }

        @Override
        public void keep(int job, Checkpoint checkpoint) {
            last.put(job, checkpoint);
        }
    }

    private static final class Cut extends RuntimeException {}

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void killedBetweenCheckpointsItGoesOnFromTheLast(TestDevice where) {
        TrainingJob job =
                new TrainingJob("job", samples(), null, null, samples().subList(1, 2));
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            NeutralTexts neutral = trainer.neutral(
                    List.of(new Sample(Runs.range(0, 12), 0), new Sample(Runs.range(5, 20), 0)),
                    WEIGHTS,
                    Scope.PROMPT,
                    () -> false);
            TrainingRecipe recipe = recipe(WEIGHTS, 4);
            TrainingResult whole = trainer.train(List.of(job), recipe, neutral, StepListener.NONE, () -> false)
                    .getFirst();
            Kept kept = new Kept(5);
            StepListener cut = (index, step, loss) -> {
                if (step == 8) {
                    throw new Cut();
                }
            };
            assertThrows(Cut.class, () -> trainer.train(List.of(job), recipe, neutral, cut, () -> false, kept));
            CheckpointFile file = new CheckpointFile(folder.resolve("job.checkpoint"), "this");
            assertTrue(file.read().isEmpty());
            file.write(kept.last.get(0));
            Checkpoint read = file.read().orElseThrow();
            assertEquals(5, read.step());
            List<Integer> steps = new ArrayList<>();
            TrainingResult wentOn = trainer.train(
                            List.of(from(job, read)), recipe, neutral, (i, step, loss) -> steps.add(step), () -> false)
                    .getFirst();
            assertEquals(5, steps.getFirst());
            if (where == TestDevice.PLAIN) {
                // It computes in more digits than it reads and writes.
                assertArrayEquals(whole.losses(), wentOn.losses(), 1e-5f);
                assertEquals(0, Changes.relativeError(wentOn.adapter(), whole.adapter(), start()), 1e-5);
            } else {
                assertSame(whole, wentOn);
            }
        }
    }

    @Test
    void cancelledItKeepsWhatIsNotAtItsEnd() {
        TrainingJob shorter = new TrainingJob("short", samples().subList(0, 1), null);
        TrainingJob longer = new TrainingJob("long", samples(), null);
        List<TrainingJob> jobs = List.of(shorter, longer);
        TrainingRecipe recipe = recipe(LossWeights.ANSWERS, 0);
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            List<TrainingResult> whole = trainer.train(jobs, recipe, StepListener.NONE);
            Kept kept = new Kept(Integer.MAX_VALUE);
            int[] taken = new int[2];
            assertThrows(
                    CancellationException.class,
                    () -> trainer.train(
                            jobs, recipe, null, (job, step, loss) -> taken[job]++, () -> taken[1] == 7, kept));
            assertEquals(List.of(1), List.copyOf(kept.last.keySet()), "the other one has only four steps");
            assertEquals(7, kept.last.get(1).step());
            TrainingResult wentOn = trainer.train(List.of(from(longer, kept.last.get(1))), recipe, StepListener.NONE)
                    .getFirst();
            assertSame(whole.get(1), wentOn);
        }
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefusedAndStays() {
        Checkpoint checkpoint = new Checkpoint(new float[3], new float[8], new float[8], new float[8], null, 1, 0);
        Path path = folder.resolve("job.checkpoint");
        new CheckpointFile(path, "this").write(checkpoint);
        CheckpointFile other = new CheckpointFile(path, "other");
        UserException e = assertThrows(UserException.class, other::read);
        assertTrue(e.getMessage().contains("how far another training has come"), e.getMessage());
        other.remove();
        assertTrue(Files.exists(path));
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            TrainingJob job = from(new TrainingJob("job", samples(), null), checkpoint);
            assertTrue(assertThrows(
                            UserException.class,
                            () -> trainer.train(List.of(job), recipe(LossWeights.ANSWERS, 0), StepListener.NONE))
                    .getMessage()
                    .contains("training job: the checkpoint"));
        }
        new CheckpointFile(path, "this").remove();
        assertFalse(Files.exists(path));
    }

    @Test
    void aRecipeReadsTheSameInEveryProcess() {
        Set<Projection> targets = Set.of(Projection.DOWN, Projection.GATE, Projection.UP);
        TrainingRecipe recipe = new TrainingRecipe(2, 32, targets, 1e-3f, 1, TrainingRecipe.LossOn.ALL, 7);
        assertEquals(List.of(Projection.GATE, Projection.UP, Projection.DOWN), List.copyOf(recipe.targets()));
    }

    private static void assertSame(TrainingResult expected, TrainingResult actual) {
        assertArrayEquals(expected.losses(), actual.losses());
        expected.adapter().updates().forEach((target, update) -> {
            Adapter.LowRank other = actual.adapter().updates().get(target);
            assertArrayEquals(update.a(), other.a());
            assertArrayEquals(update.b(), other.b());
        });
    }
}

package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.llm.Decoder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.training.TrainingRecipe.LossOn;
import dev.prag.training.TrainingRecipe.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** A learning rate that falls is, step by step, the constant one of that step. */
class ScheduleTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final float RATE = 1e-2f;

    private static TrainingRecipe recipe(float rate, int epochs, Schedule schedule) {
        return new TrainingRecipe(
                2,
                32,
                Changes.FEED_FORWARD,
                rate,
                epochs,
                LossOn.ALL,
                7,
                LossWeights.ANSWERS,
                0,
                0,
                schedule,
                Scope.PROMPT);
    }

    private static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode sample : MODEL.json("train-1").get("samples")) {
            samples.add(new Sample(ReferenceModel.ids(sample.get("ids")), 1));
        }
        return samples;
    }

    /** Keeps where each job is, after every step. */
    private static final class Last implements CheckpointKeeper {
        private Checkpoint checkpoint;

        @Override
        public boolean isDue() {
            return true;
        }

        @Override
        public void keep(int job, Checkpoint kept) {
            checkpoint = kept;
        }
    }

    @Test
    void eachStepHasTheRateThatIsLeft() {
        assertEquals(RATE, recipe(RATE, 1, Schedule.CONSTANT).rate(4, 4));
        assertEquals(RATE, recipe(RATE, 1, Schedule.LINEAR).rate(1, 4));
        assertEquals(RATE / 4, recipe(RATE, 1, Schedule.LINEAR).rate(4, 4), 1e-9f);
    }

    @Test
    void jobsOfDifferentLengthGoDownEachByItsOwnSteps() {
        List<Sample> three = samples().subList(0, 3);
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            List<TrainingJob> jobs =
                    List.of(new TrainingJob("three", three, null), new TrainingJob("two", three.subList(0, 2), null));
            List<TrainingResult> fell = trainer.train(jobs, recipe(RATE, 1, Schedule.LINEAR), StepListener.NONE);
            for (int job = 0; job < jobs.size(); job++) {
                int steps = jobs.get(job).samples().size();
                Adapter byHand = byHand(trainer, jobs.get(job), steps);
                Adapter start = Adapter.initial(MODEL.config().decoderShape(), 2, 32, Changes.FEED_FORWARD, 7);
                assertEquals(0, Changes.relativeError(fell.get(job).adapter(), byHand, start), 1e-6);
            }
            TrainingResult constant = trainer.train(jobs, recipe(RATE, 1, Schedule.CONSTANT), StepListener.NONE)
                    .getFirst();
            assertEquals(constant.losses()[1], fell.getFirst().losses()[1], "the first step is whole");
            assertTrue(constant.losses()[2] != fell.getFirst().losses()[2], "the second isn't");
        }
    }

    /** Takes each step by a recipe of its own, from where the one before ended. */
    private static Adapter byHand(Trainer trainer, TrainingJob job, int steps) {
        Checkpoint at = null;
        for (int step = 1; step <= steps; step++) {
            Last last = new Last();
            int until = step;
            TrainingJob from = new TrainingJob(job.id(), job.samples(), job.init(), job.seed(), job.validation(), at);
            float rate = RATE * (steps - step + 1) / steps;
            if (step == steps) {
                return trainer.train(List.of(from), recipe(rate, 1, Schedule.CONSTANT), StepListener.NONE)
                        .getFirst()
                        .adapter();
            }
            int[] taken = {until - 1};
            try {
                trainer.train(
                        List.of(from),
                        recipe(rate, 1, Schedule.CONSTANT),
                        null,
                        (index, number, loss) -> taken[0] = number + 1,
                        () -> taken[0] == until,
                        last);
            } catch (CancellationException e) {
                assertArrayEquals(new int[] {until}, taken);
            }
            at = last.checkpoint;
        }
        throw new AssertionError("a job has a step at least");
    }
}

package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.llm.Backpropagation;
import dev.prag.llm.Decoder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is minimised besides the samples' own tokens: divergences from a teacher and from the base model. */
class LossTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final int KNOWN = 8;
    private static final float RATE = 2e-3f;

    private static TrainingRecipe recipe(LossWeights loss, TrainingRecipe.LossOn lossOn) {
        return recipe(loss, lossOn, 2);
    }

    private static TrainingRecipe recipe(LossWeights loss, TrainingRecipe.LossOn lossOn, int epochs) {
        return new TrainingRecipe(2, 32, Changes.FEED_FORWARD, RATE, epochs, lossOn, 7, loss, 0, 0);
    }

    private static LossWeights weights(float answers, float distillation, float neutral) {
        return new LossWeights(answers, distillation, neutral, KNOWN, 0.5f);
    }

    /** Jobs whose samples' teacher reads a longer prompt before the same answer. */
    private static List<TrainingJob> jobs() {
        List<TrainingJob> jobs = new ArrayList<>();
        for (int d = 0; d < 3; d++) {
            List<Sample> samples = new ArrayList<>();
            for (JsonNode sample : MODEL.json("train-" + d).get("samples")) {
                int[] ids = ReferenceModel.ids(sample.get("ids"));
                int[] read = Arrays.copyOf(ids, Math.min(ids.length, 36));
                Sample teacher = new Sample(read, 20);
                samples.add(new Sample(Arrays.copyOfRange(read, 8, read.length), 12, teacher));
            }
            jobs.add(new TrainingJob("job " + d, samples.subList(0, 2 + d), null));
        }
        return jobs;
    }

    private static List<int[]> texts() {
        List<int[]> texts = new ArrayList<>();
        for (JsonNode prompt : MODEL.json("greedy")) {
            int[] ids = ReferenceModel.ids(prompt.get("prompt"));
            texts.add(Arrays.copyOf(ids, Math.min(24, ids.length)));
        }
        return texts;
    }

    private static List<Sample> samples() {
        return texts().stream().map(text -> new Sample(text, 0)).toList();
    }

    /** ln softmax of each of the rows. */
    private static double[][] logProbabilities(Decoder decoder, int[] ids, int rows) {
        float[] logits = Runs.logits(decoder, ids, rows + 1, Composition.NONE);
        int vocab = logits.length / (rows + 1);
        double[][] all = new double[rows][vocab];
        for (int r = 0; r < rows; r++) {
            double sum = 0;
            for (int c = 0; c < vocab; c++) {
                sum += Math.exp(logits[r * vocab + c]);
            }
            for (int c = 0; c < vocab; c++) {
                all[r][c] = logits[r * vocab + c] - Math.log(sum);
            }
        }
        return all;
    }

    /** KL(p ‖ q) where the best of p and the label are known, the others one bucket. */
    private static double divergence(double[] p, double[] q, int label) {
        List<Integer> best = new ArrayList<>(IntStream.range(0, p.length)
                .boxed()
                .sorted((a, b) -> Double.compare(p[b], p[a]))
                .limit(KNOWN)
                .toList());
        if (!best.contains(label)) {
            best.set(KNOWN - 1, label);
        }
        double sum = 0;
        for (int id : best) {
            sum += Math.exp(p[id]) * (p[id] - q[id]);
        }
        IntPredicate other = id -> !best.contains(id);
        double restOfP = IntStream.range(0, p.length)
                .filter(other)
                .mapToDouble(id -> Math.exp(p[id]))
                .sum();
        double restOfQ = IntStream.range(0, p.length)
                .filter(other)
                .mapToDouble(id -> Math.exp(q[id]))
                .sum();
        return sum + restOfP * Math.log(restOfP / restOfQ);
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void theFirstLossIsTheWeightedSumOfCrossEntropyAndDivergence(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            Sample sample = jobs().get(1).samples().getFirst();
            // One step, of which there is one loss.
            TrainingJob job = new TrainingJob("job", List.of(sample), null);
            int answer = sample.answerTokens();
            double[][] student = logProbabilities(decoder, sample.ids(), sample.ids().length - 1);
            double[][] teacher = logProbabilities(decoder, sample.teacher().ids(), answer);
            double all = 0;
            double ofAnswer = 0;
            double divergence = 0;
            for (int token = 1; token < sample.ids().length; token++) {
                double loss = -student[token - 1][sample.ids()[token]];
                all += loss / (sample.ids().length - 1);
                if (token >= sample.answerFrom()) {
                    ofAnswer += loss / answer;
                    divergence +=
                            divergence(teacher[token - sample.answerFrom()], student[token - 1], sample.ids()[token])
                                    / answer;
                }
            }
            assertTrue(divergence > 1e-3, "teacher and student differ: " + divergence);
            for (float[] weights : new float[][] {{1, 0}, {0, 1}, {1, 1}, {0.5f, 2}}) {
                LossWeights loss = weights(weights[0], weights[1], 0);
                for (TrainingRecipe.LossOn lossOn : TrainingRecipe.LossOn.values()) {
                    double tokens = lossOn == TrainingRecipe.LossOn.ALL ? all : ofAnswer;
                    float first = trainer.train(List.of(job), recipe(loss, lossOn, 1), StepListener.NONE)
                            .getFirst()
                            .losses()[0];
                    assertEquals(weights[0] * tokens + weights[1] * divergence, first, 1e-4, loss + " " + lossOn);
                }
            }
        }
    }

    /** A run with all that a recipe may add, against the same in PyTorch: losses of each step. */
    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void aRunIsWhatItIsInPyTorch(TestDevice where) {
        double[] expected = {
            18.902902844,
            14.762360377,
            16.185537456,
            16.466541245,
            14.479754836,
            15.985274811,
            16.348083960,
            14.458169377,
            15.947236246,
            16.324290046,
            14.445714314,
            15.929075578
        };
        LossWeights weights = new LossWeights(0.7f, 1.3f, 0.9f, KNOWN, 0.4f);
        TrainingRecipe recipe = new TrainingRecipe(
                2, 32, Changes.FEED_FORWARD, 2e-3f, 4, TrainingRecipe.LossOn.ALL, 7, weights, 0.004f, 0);
        Adapter init = ReferenceModel.adapterOf(MODEL.tensors("train-1"), "init.");
        TrainingJob job = new TrainingJob("job", jobs().get(1).samples(), init);
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            NeutralTexts neutral = trainer.neutral(samples(), weights, Scope.PROMPT, () -> false);
            float[] losses = trainer.train(List.of(job), recipe, neutral, StepListener.NONE, () -> false)
                    .getFirst()
                    .losses();
            assertEquals(expected.length, losses.length);
            for (int i = 0; i < losses.length; i++) {
                assertEquals(expected[i], losses[i], 1e-5 * expected[i], "step " + i);
            }
        }
    }

    /** Finite differences of the weighted loss along its gradient, tokens and distributions in one batch. */
    @Test
    void gradientsOfDistributions() {
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = ReferenceModel.QWEN_2_5.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 64, Long.MAX_VALUE)) {
            Backpropagation.Labels labels = new Backpropagation.Labels(
                    Runs.range(0, 5), Runs.range(11, 16), new float[] {0.5f, 0.25f, 2, 1, 1});
            Backpropagation.Distributions distributions = new Backpropagation.Distributions(
                    new int[] {6, 7, 12},
                    2,
                    new int[] {3, 9, 100, 17, 5, 4},
                    new float[] {0.6f, 0.3f, 0.05f, 0, 0.5f, 0.5f},
                    new float[] {1, 0.5f, 3});
            Slope.check(
                    decoder,
                    backpropagation,
                    Changes.FEED_FORWARD,
                    composition -> Runs.batch(Runs.range(10, 26), composition),
                    labels,
                    distributions,
                    null);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void togetherIsAloneWithAllLosses(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300);
                Trainer narrow = new Trainer(decoder, 70)) {
            // What is batched is the trainer's to decide, in each epoch alike: where a step takes long, one is enough.
            int epochs = where == TestDevice.CUDA ? 1 : 2;
            TrainingRecipe recipe = recipe(weights(1, 1, 1), TrainingRecipe.LossOn.ALL, epochs);
            NeutralTexts neutral = trainer.neutral(samples(), recipe.loss(), Scope.PROMPT, () -> false);
            NeutralTexts again = narrow.neutral(samples(), recipe.loss(), Scope.PROMPT, () -> false);
            // 1, 2 and 3 samples, so that each has an end of its own.
            List<TrainingJob> jobs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                TrainingJob whole = jobs().get(i);
                jobs.add(new TrainingJob(whole.id(), whole.samples().subList(0, 1 + i), null));
            }
            List<TrainingResult> together = trainer.train(jobs, recipe, neutral, StepListener.NONE, () -> false);
            List<TrainingResult> inWaves = narrow.train(jobs, recipe, again, StepListener.NONE, () -> false);
            for (int i = 0; i < together.size(); i++) {
                TrainingResult alone = trainer.train(
                                List.of(jobs.get(i)), recipe, neutral, StepListener.NONE, () -> false)
                        .getFirst();
                assertArrayEquals(alone.losses(), together.get(i).losses(), 1e-4f);
                assertArrayEquals(alone.losses(), inWaves.get(i).losses(), 1e-4f);
            }
        }
    }

    @Test
    void aStudentComesToPredictWhatItsTeacherDoes() {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            TrainingRecipe recipe = new TrainingRecipe(
                    2, 32, Changes.FEED_FORWARD, RATE, 12, TrainingRecipe.LossOn.ALL, 7, weights(0, 1, 0), 0, 0);
            float[] losses = trainer.train(jobs().subList(0, 1), recipe, StepListener.NONE)
                    .getFirst()
                    .losses();
            assertTrue(losses[losses.length - 1] < 0.3 * losses[1], Arrays.toString(losses));
        }
    }

    @Test
    void neutralTextsKeepTheirProbabilities() {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            double[] changes = new double[2];
            for (int i = 0; i < 2; i++) {
                LossWeights loss = weights(1, 0, i == 0 ? 0 : 20);
                TrainingRecipe recipe = recipe(loss, TrainingRecipe.LossOn.ALL);
                NeutralTexts neutral = trainer.neutral(samples(), loss, Scope.PROMPT, () -> false);
                Adapter adapter = trainer.train(jobs().subList(2, 3), recipe, neutral, StepListener.NONE, () -> false)
                        .getFirst()
                        .adapter();
                for (int[] text : texts()) {
                    changes[i] += change(decoder, adapter, text);
                }
            }
            assertTrue(changes[1] < 0.5 * changes[0], Arrays.toString(changes));
        }
    }

    /** Mean absolute change of the logits that an adapter makes on a text. */
    private static double change(Decoder decoder, Adapter adapter, int[] text) {
        try (AdapterSlab slab = new AdapterSlab(
                        decoder.device(), decoder.config().decoderShape(), AdapterSlab.footprint(adapter));
                AdapterSlab.Slot slot = slab.load(adapter)) {
            float[] before = Runs.logits(decoder, text, text.length, Composition.NONE);
            float[] after =
                    Runs.logits(decoder, text, text.length, new Composition(List.of(new Composition.Term(slot, 1))));
            double sum = 0;
            for (int i = 0; i < before.length; i++) {
                sum += Math.abs(after[i] - before[i]);
            }
            return sum / before.length;
        }
    }

    @Test
    void aNeutralTextThatHasToWaitWeighsAsMuchMore() {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 300)) {
            LossWeights loss = new LossWeights(1, 0, 1, KNOWN, 0.25f);
            NeutralTexts neutral =
                    trainer.neutral(List.of(new Sample(Runs.range(5, 20), 0)), loss, Scope.PROMPT, () -> false);
            TrainingRecipe recipe = recipe(loss, TrainingRecipe.LossOn.ALL);
            Lesson sample = Lesson.of(new Sample(Runs.range(0, 20), 0), recipe, null);
            TrainingJob job = new TrainingJob("j", List.of(new Sample(Runs.range(0, 20), 0)), null);
            Adapter start = Adapter.initial(decoder.config().decoderShape(), 2, 32, Changes.FEED_FORWARD, 7);
            try (AdapterSlab slab =
                    new AdapterSlab(device, decoder.config().decoderShape(), AdapterSlab.footprint(start))) {
                TrainingRecipe long5 = new TrainingRecipe(
                        2, 32, Changes.FEED_FORWARD, RATE, 6, TrainingRecipe.LossOn.ALL, 7, loss, 0, 0);
                Learner learner = new Learner(0, job, long5, List.of(sample), neutral, slab.load(start));
                List<Integer> lessons = new ArrayList<>();
                for (int step = 0; step < 6; step++) {
                    lessons.add(learner.lessons().size());
                    learner.advance();
                }
                // 20 tokens of a sample leave room for 6 2/3 of neutral text, of which there are 15.
                assertEquals(List.of(1, 1, 2, 1, 2, 1), lessons);
            }
        }
    }

    @Test
    void whatCannotBeDistilledIsRefused() {
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 32)) {
            TrainingRecipe recipe = recipe(weights(1, 1, 0), TrainingRecipe.LossOn.ALL);
            int[] ids = {1, 2, 3, 4};
            refused(trainer, recipe, new Sample(ids, 2), "no teacher");
            refused(trainer, recipe, new Sample(ids, 2, new Sample(new int[] {1, 2, 3, 5}, 2)), "another answer");
            refused(trainer, recipe, new Sample(ids, 2, new Sample(new int[] {1, 2, 3, 4}, 3)), "another answer");
            refused(trainer, recipe, new Sample(ids, 2, new Sample(new int[33], 31)), "33 tokens");
            refused(trainer, recipe, new Sample(ids, 2, new Sample(new int[] {912, 3, 4}, 1)), "912");
            assertThrows(UserException.class, () -> weights(0, 0, 1));
            assertThrows(UserException.class, () -> weights(-1, 0, 0));
            assertThrows(UserException.class, () -> new LossWeights(1, 0, 0, 0, 0.5f));
            assertThrows(UserException.class, () -> new LossWeights(1, 0, 0, 64, 1));
            for (Scope scope : Scope.values()) {
                assertThrows(
                        UserException.class, () -> trainer.neutral(List.of(), LossWeights.ANSWERS, scope, () -> false));
                List<Sample> short1 = List.of(new Sample(new int[1], 0));
                assertThrows(
                        UserException.class, () -> trainer.neutral(short1, LossWeights.ANSWERS, scope, () -> false));
            }
        }
    }

    private static void refused(Trainer trainer, TrainingRecipe recipe, Sample sample, String named) {
        List<TrainingJob> jobs = List.of(new TrainingJob("p7", List.of(sample), null));
        UserException e = assertThrows(UserException.class, () -> trainer.train(jobs, recipe, StepListener.NONE));
        assertTrue(e.getMessage().contains(named), e.getMessage());
    }
}

package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.Segment;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Adapters that are trained in the answer alone, behind prompts that the base model reads. */
class AnswerScopeTest {
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    /** What all begin with: two blocks of the cache, and a rest. */
    private static final int SHARED = 37;

    private static TrainingRecipe recipe(int epochs, LossWeights loss) {
        return new TrainingRecipe(
                2,
                32,
                Changes.FEED_FORWARD,
                1e-2f,
                epochs,
                TrainingRecipe.LossOn.ANSWER,
                7,
                loss,
                0,
                0,
                TrainingRecipe.Schedule.CONSTANT,
                Scope.ANSWER);
    }

    /** A sample that begins like the others, with so many tokens of its own in the prompt and some in the answer. */
    private static Sample sample(int own, int answer) {
        int[] ids = IntStream.concat(IntStream.range(5, 5 + SHARED), IntStream.range(100 + own, 100 + 2 * own + answer))
                .toArray();
        return new Sample(ids, SHARED + own);
    }

    private static final List<Sample> SAMPLES = List.of(sample(3, 4), sample(30, 2), sample(11, 5), sample(12, 5));

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void aLossIsThatOfTheAnswerUnderTheAdapterSoFar(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 100)) {
            TrainingRecipe once = recipe(1, LossWeights.ANSWERS);
            float[] losses = train(trainer, once, SAMPLES).losses();
            for (int step = 0; step < SAMPLES.size(); step++) {
                Adapter soFar = step == 0
                        ? null
                        : train(trainer, once, SAMPLES.subList(0, step)).adapter();
                assertEquals(loss(decoder, soFar, SAMPLES.get(step)), losses[step], 2e-4, "step " + step);
            }
            // Were it in force in the prompt, too, it would be another one.
            Adapter trained = train(trainer, once, SAMPLES).adapter();
            TrainingRecipe everywhere = new TrainingRecipe(
                    2, 32, Changes.FEED_FORWARD, 1e-2f, 1, TrainingRecipe.LossOn.ANSWER, 7, LossWeights.ANSWERS, 0, 0);
            double apart = Changes.distance(
                    trained, train(trainer, everywhere, SAMPLES).adapter());
            assertTrue(apart > 1e-2, "apart by " + apart);
        }
    }

    private static TrainingResult train(Trainer trainer, TrainingRecipe recipe, List<Sample> samples) {
        return trainer.train(List.of(new TrainingJob("job", samples, null)), recipe, StepListener.NONE)
                .getFirst();
    }

    private static double loss(Decoder decoder, Adapter adapter, Sample sample) {
        int from = sample.answerFrom();
        return Scored.loss(decoder, adapter, sample.ids(), from, Scope.ANSWER.from(from)) / sample.answerTokens();
    }

    /** One of three pieces, one that is shorter than a piece, and the answer of a question. */
    private static final List<Sample> TEXTS = List.of(
            new Sample(Runs.range(200, 200 + 2 * NeutralTexts.PIECE + 5), 0),
            new Sample(Runs.range(40, 50), 0),
            new Sample(Runs.range(60, 90), 25));

    /** Beside each sample stands a piece of a neutral text, which the adapter is held to behind what the base model reads. */
    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void neutralTextsAreKeptToInPieces(TestDevice where) {
        // From and to which token; the second round has another piece of the first text, and the others' again.
        int[][] pieces = {{1, 13}, {1, 10}, {25, 30}, {13, 25}, {1, 10}, {25, 30}, {25, 37}, {1, 10}};
        List<Sample> twice = Stream.concat(SAMPLES.stream(), SAMPLES.stream()).toList();
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 100)) {
            int known = decoder.config().vocabSize() - 1;
            TrainingRecipe once = recipe(1, new LossWeights(1, 0, 2, known, 0.8f));
            NeutralTexts neutral = trainer.neutral(TEXTS, once.loss(), Scope.ANSWER, () -> false);
            // A job for each number of steps: they are trained together.
            List<TrainingJob> jobs = IntStream.rangeClosed(1, twice.size())
                    .mapToObj(steps -> new TrainingJob("steps " + steps, twice.subList(0, steps), null))
                    .toList();
            List<TrainingResult> results = trainer.train(jobs, once, neutral, StepListener.NONE, () -> false);
            float[] losses = results.getLast().losses();
            for (int step = 0; step < twice.size(); step++) {
                Adapter soFar = step == 0 ? null : results.get(step - 1).adapter();
                Sample sample = twice.get(step);
                int[] text = TEXTS.get(step % TEXTS.size()).ids();
                double apart = divergence(decoder, soFar, text, pieces[step][0], pieces[step][1]);
                assertEquals(loss(decoder, soFar, sample) + 2 * apart, losses[step], 4e-4, "step " + step);
                assertEquals(step > 0, apart > 1e-3, "step " + step + " apart by " + apart);
            }
        }
    }

    /** KL(base ‖ adapted) of tokens [from, to), a mean, where the adapter is in force from the one before on. */
    private static double divergence(Decoder decoder, Adapter adapter, int[] text, int from, int to) {
        int[] ids = Arrays.copyOf(text, to);
        float[][] base = Scored.logprobs(decoder, null, ids, from, from - 1);
        float[][] adapted = Scored.logprobs(decoder, adapter, ids, from, from - 1);
        double sum = 0;
        for (int token = 0; token < base.length; token++) {
            for (int id = 0; id < base[token].length; id++) {
                sum += Math.exp(base[token][id]) * (base[token][id] - adapted[token][id]);
            }
        }
        return sum / base.length;
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void togetherIsAlone(TestDevice where) {
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 100)) {
            TrainingRecipe recipe = recipe(2, new LossWeights(1, 1, 1, 8, 0.5f));
            NeutralTexts neutral = trainer.neutral(TEXTS, recipe.loss(), Scope.ANSWER, () -> false);
            List<TrainingJob> jobs = List.of(job("one", SAMPLES.subList(0, 1)), job("more", SAMPLES.subList(1, 4)));
            List<TrainingResult> together = trainer.train(jobs, recipe, neutral, StepListener.NONE, () -> false);
            for (int i = 0; i < jobs.size(); i++) {
                TrainingResult alone = trainer.train(
                                List.of(jobs.get(i)), recipe, neutral, StepListener.NONE, () -> false)
                        .getFirst();
                assertArrayEquals(alone.losses(), together.get(i).losses(), 1e-4f);
            }
        }
    }

    private static TrainingJob job(String id, List<Sample> samples) {
        return new TrainingJob(
                id,
                samples.stream()
                        .map(sample -> new Sample(sample.ids(), sample.answerFrom(), sample))
                        .toList(),
                null);
    }

    /** What there is no room for makes way, and is read again; others that begin otherwise change nothing. */
    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void promptsMakeWayForOthers(TestDevice where) {
        List<BasePrompts.Prompt> prompts = SAMPLES.stream()
                .map(sample -> new BasePrompts.Prompt(Arrays.copyOf(sample.ids(), sample.answerFrom() - 1)))
                .toList();
        List<BasePrompts.Prompt> others =
                List.of(new BasePrompts.Prompt(Runs.range(200, 270)), new BasePrompts.Prompt(Runs.range(300, 340)));
        try (Device device = where.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 100, 1 << 28);
                BasePrompts narrow = new BasePrompts(decoder, backpropagation, 40, 16, prompts);
                BasePrompts wide = new BasePrompts(
                        decoder,
                        backpropagation,
                        100,
                        1000,
                        Stream.concat(others.stream(), prompts.stream()).toList())) {
            // The longest one's; and two that all of them share, their own, and those of the others.
            assertEquals(5, narrow.capacity());
            assertEquals(2 + 1 + 3 + 1 + 1 + 5 + 3, wide.capacity());
            wide.read(others);
            wide.read(prompts);
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < SAMPLES.size(); i++) {
                    float[] expected = losses(backpropagation, wide, prompts.get(i), SAMPLES.get(i));
                    assertArrayEquals(expected, losses(backpropagation, narrow, prompts.get(i), SAMPLES.get(i)), 1e-5f);
                }
            }
        }
    }

    /** Where there is room for three of four, two are read once, and the other two again in every circle. */
    @Test
    void inCirclesAsManyAreKeptAsThereIsRoomFor() {
        List<BasePrompts.Prompt> circle = IntStream.range(0, 4)
                .mapToObj(i -> new BasePrompts.Prompt(Runs.range(200 + 50 * i, 240 + 50 * i)))
                .toList();
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 100, 1 << 28);
                BasePrompts some = new BasePrompts(decoder, backpropagation, 100, 3 * 48, circle);
                BasePrompts all = new BasePrompts(decoder, backpropagation, 100, 1000, circle)) {
            for (int round = 0; round < 3; round++) {
                List<BasePrompts.Prompt> read = new ArrayList<>();
                for (BasePrompts.Prompt prompt : circle) {
                    if (!some.holds(prompt)) {
                        read.add(prompt);
                    }
                    float[] expected = losses(backpropagation, all, prompt, SAMPLES.get(0));
                    assertArrayEquals(expected, losses(backpropagation, some, prompt, SAMPLES.get(0)), 1e-5f);
                }
                assertEquals(round == 0 ? circle : circle.subList(2, 4), read, "round " + round);
            }
        }
    }

    /** What two begin with stays until both are let go. */
    @Test
    void whatIsLetGoMakesWayForOthersAtOnce() {
        List<BasePrompts.Prompt> alike = List.of(
                new BasePrompts.Prompt(Runs.range(200, 248)),
                new BasePrompts.Prompt(
                        IntStream.concat(Arrays.stream(Runs.range(200, 232)), Arrays.stream(Runs.range(10, 26)))
                                .toArray()));
        List<BasePrompts.Prompt> others =
                List.of(new BasePrompts.Prompt(Runs.range(300, 332)), new BasePrompts.Prompt(Runs.range(400, 432)));
        List<BasePrompts.Prompt> all =
                Stream.of(alike, others).flatMap(List::stream).toList();
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 100, 1 << 28);
                BasePrompts some = new BasePrompts(decoder, backpropagation, 100, 4 * 16, all);
                BasePrompts wide = new BasePrompts(decoder, backpropagation, 100, 1000, all)) {
            some.read(alike);
            some.letGo(alike.subList(0, 1));
            assertFalse(some.holds(alike.get(0)));
            assertTrue(some.holds(alike.get(1)), "it begins with what the other began with, too");
            some.letGo(alike.subList(1, 2));
            assertFalse(some.holds(alike.get(1)));
            // There is room for both of the others now, whatever is read in between.
            for (int round = 0; round < 2; round++) {
                for (BasePrompts.Prompt other : others) {
                    assertEquals(round == 1, some.holds(other));
                    float[] expected = losses(backpropagation, wide, other, SAMPLES.get(0));
                    assertArrayEquals(expected, losses(backpropagation, some, other, SAMPLES.get(0)), 1e-5f);
                }
            }
        }
    }

    /** Though it was read later than what makes way for others. */
    @Test
    void whatSeveralBeginWithStays() {
        List<BasePrompts.Prompt> begun =
                List.of(new BasePrompts.Prompt(Runs.range(200, 232)), new BasePrompts.Prompt(Runs.range(300, 332)));
        List<BasePrompts.Prompt> circle = begun.stream()
                .flatMap(beginning -> IntStream.range(0, 3)
                        .mapToObj(i -> IntStream.concat(IntStream.of(beginning.ids()), IntStream.range(0, 5 + i))
                                .toArray()))
                .map(BasePrompts.Prompt::new)
                .toList();
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = MODEL.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 100, 1 << 28);
                BasePrompts prompts = new BasePrompts(
                        decoder,
                        backpropagation,
                        100,
                        (2 + 2 + 3) * 16,
                        Stream.concat(begun.stream(), circle.stream()).toList())) {
            circle.forEach(prompt -> prompts.read(List.of(prompt)));
            for (BasePrompts.Prompt prompt : circle) {
                prompts.read(List.of(prompt));
                begun.forEach(beginning -> assertTrue(prompts.holds(beginning)));
            }
        }
    }

    private static float[] losses(
            Backpropagation backpropagation, BasePrompts prompts, BasePrompts.Prompt prompt, Sample sample) {
        int from = prompt.ids().length;
        int[] rest = Arrays.copyOfRange(sample.ids(), from, sample.ids().length);
        int[] table = prompts.read(List.of(prompt)).getFirst();
        Batch batch = new Batch(rest, List.of(new Segment(new Span(0, rest.length, from, table), Composition.NONE)));
        return backpropagation.losses(batch, labels(rest), prompts.cache());
    }

    private static Backpropagation.Labels labels(int[] rest) {
        float[] scales = new float[rest.length - 1];
        Arrays.fill(scales, 1);
        return new Backpropagation.Labels(
                Runs.range(0, rest.length - 1), Arrays.copyOfRange(rest, 1, rest.length), scales);
    }

    /** Finite differences of the loss along the gradient, behind prompts of the base model. */
    @Test
    void gradients() {
        Sample sample = SAMPLES.get(2);
        int from = sample.answerFrom() - 1;
        int[] rest = Arrays.copyOfRange(sample.ids(), from, sample.ids().length);
        BasePrompts.Prompt prompt = new BasePrompts.Prompt(Arrays.copyOf(sample.ids(), from));
        try (Device device = TestDevice.PLAIN.open();
                Decoder decoder = ReferenceModel.QWEN_2_5.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 64, Long.MAX_VALUE);
                BasePrompts prompts = new BasePrompts(decoder, backpropagation, 64, List.of(prompt))) {
            int[] table = prompts.read(List.of(prompt)).getFirst();
            Slope.check(
                    decoder,
                    backpropagation,
                    Changes.FEED_FORWARD,
                    composition ->
                            new Batch(rest, List.of(new Segment(new Span(0, rest.length, from, table), composition))),
                    labels(rest),
                    Backpropagation.Distributions.NONE,
                    prompts.cache());
        }
    }

    @Test
    void onlyAnswersCanBeLearned() {
        UserException refused = assertThrows(
                UserException.class,
                () -> new TrainingRecipe(
                        2,
                        32,
                        Changes.FEED_FORWARD,
                        1e-3f,
                        1,
                        TrainingRecipe.LossOn.ALL,
                        7,
                        LossWeights.ANSWERS,
                        0,
                        0,
                        TrainingRecipe.Schedule.LINEAR,
                        Scope.ANSWER));
        assertTrue(refused.getMessage().contains("let lossOn be answer"), refused.getMessage());
    }
}

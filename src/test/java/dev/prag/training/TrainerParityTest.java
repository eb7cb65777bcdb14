package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.Differences;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The three training runs of every reference model, against PyTorch and PEFT. */
class TrainerParityTest {
    static Stream<Arguments> everywhere() {
        return Arrays.stream(TestDevice.values())
                .flatMap(device -> Arrays.stream(ReferenceModel.values()).map(model -> Arguments.of(device, model)));
    }

    /** Whole runs take the plain device long: there, the model with the most peculiarities has to do. */
    static Stream<Arguments> onceSlowly() {
        return everywhere().filter(at -> at.get()[0] != TestDevice.PLAIN || at.get()[1] == ReferenceModel.LLAMA_3_2);
    }

    private static TrainingRecipe recipe(JsonNode run) {
        return new TrainingRecipe(
                run.get("rank").intValue(),
                run.get("alpha").floatValue(),
                Changes.FEED_FORWARD,
                run.get("learning_rate").floatValue(),
                run.get("epochs").intValue(),
                run.get("loss_on").asText().equals("answer") ? TrainingRecipe.LossOn.ANSWER : TrainingRecipe.LossOn.ALL,
                0);
    }

    private static List<Sample> samples(JsonNode run) {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode sample : run.get("samples")) {
            samples.add(new Sample(
                    ReferenceModel.ids(sample.get("ids")),
                    sample.get("answer_from").intValue()));
        }
        return samples;
    }

    @ParameterizedTest
    @MethodSource("onceSlowly")
    void lossesAndFinalChange(TestDevice where, ReferenceModel model) {
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32);
                Trainer trainer = new Trainer(decoder, 256)) {
            for (int d = 0; d < 3; d++) {
                JsonNode run = model.json("train-" + d);
                Adapter start = ReferenceModel.adapterOf(model.tensors("train-" + d), "init.");
                TrainingJob job = new TrainingJob("run " + d, samples(run), start);
                TrainingResult result = trainer.train(List.of(job), recipe(run), StepListener.NONE)
                        .getFirst();
                double[] losses = ReferenceModel.doubles(run.get("loss_per_step"));
                assertEquals(losses.length, result.losses().length);
                for (int i = 0; i < losses.length; i++) {
                    assertEquals(losses[i], result.losses()[i], 1e-5 * losses[i], "run " + d + ", step " + i);
                }
                double error = Changes.relativeError(result.adapter(), model.adapter("" + d), start);
                assertTrue(error < 3e-4, "run " + d + ": " + error);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void gradientsOfTheFirstStep(TestDevice where, ReferenceModel model) {
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32);
                Backpropagation backpropagation = new Backpropagation(decoder, 256, Long.MAX_VALUE)) {
            for (int d = 0; d < 3; d++) {
                JsonNode run = model.json("train-" + d);
                Adapter start = ReferenceModel.adapterOf(model.tensors("train-" + d), "init.");
                Adapter expected = ReferenceModel.adapterOf(model.tensors("train-" + d), "grad.");
                Sample sample = samples(run).getFirst();
                int first = recipe(run).lossOn() == TrainingRecipe.LossOn.ALL ? 1 : sample.answerFrom();
                int n = sample.ids().length;
                float[] scales = new float[n - first];
                Arrays.fill(scales, 1f / scales.length);
                Backpropagation.Labels labels = new Backpropagation.Labels(
                        Runs.range(first - 1, n - 1), Arrays.copyOfRange(sample.ids(), first, n), scales);
                try (AdapterSlab slab =
                                new AdapterSlab(device, model.config().decoderShape(), AdapterSlab.footprint(start));
                        AdapterSlab.Slot slot = slab.load(start);
                        Tensor gradients = device.allocate(
                                DType.F32, slab.memory().rows(), slab.memory().cols())) {
                    Composition composition = new Composition(List.of(new Composition.Term(slot, 1)));
                    Batch batch = Runs.batch(sample.ids(), composition);
                    backpropagation.run(batch, labels, null, gradients);
                    compare(expected, slot.read(gradients), start, d);
                }
            }
        }
    }

    private static void compare(Adapter expected, Adapter actual, Adapter start, int run) {
        expected.updates().forEach((target, gradient) -> {
            LowRank computed = actual.updates().get(target);
            String where = "run " + run + " " + target;
            double a = Differences.norm(Differences.minus(computed.a(), gradient.a()));
            double b = Differences.norm(Differences.minus(computed.b(), gradient.b()));
            assertTrue(a <= 1e-4 * Differences.norm(gradient.a()), where + " A: " + a);
            assertTrue(b <= 1e-4 * Differences.norm(gradient.b()), where + " B: " + b);
            if (Differences.norm(start.updates().get(target).b()) == 0) {
                assertArrayEquals(new float[gradient.a().length], computed.a(), where + ": B is zero, so A has none");
            }
        });
    }
}

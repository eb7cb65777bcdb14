package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.generation.Scorer;
import dev.prag.llm.Decoder;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.safetensors.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A passage of the demo encyclopedia encoded into the demo model, against PyTorch and PEFT. */
class DemoEncodeTest {
    private static final Path GOLDEN = Path.of("src/test/resources/demo");
    private static final JsonNode RUN = ReferenceModel.json(GOLDEN.resolve("golden-encode.json"));

    private static Decoder decoder(Device device, DType compute) {
        ModelFolder folder = ModelFolder.open(Path.of("src/main/demo/model"));
        return Decoder.load(folder.weights(), folder.config(), device, compute, 1024);
    }

    private static TrainingResult encode(Decoder decoder) {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode sample :
                ReferenceModel.json(GOLDEN.resolve("golden-samples.json")).get("samples")) {
            samples.add(new Sample(ReferenceModel.ids(sample.get("ids")), 0));
        }
        TrainingRecipe recipe = new TrainingRecipe(2, 32, Changes.FEED_FORWARD, 3e-3f, 2, TrainingRecipe.LossOn.ALL, 0);
        try (Trainer trainer = new Trainer(decoder, 256)) {
            TrainingJob job = new TrainingJob("passage", samples, adapter("init."));
            return trainer.train(List.of(job), recipe, StepListener.NONE).getFirst();
        }
    }

    private static Adapter adapter(String prefix) {
        return ReferenceModel.adapterOf(Safetensors.open(GOLDEN.resolve("golden-encode.safetensors")), prefix);
    }

    @Test
    void lossesAdapterAndAnswersInF32() {
        try (Device device = new CpuDevice(2);
                Decoder decoder = decoder(device, DType.F32)) {
            TrainingResult result = encode(decoder);
            double[] losses = ReferenceModel.doubles(RUN.get("loss_per_step"));
            assertEquals(losses.length, result.losses().length);
            for (int i = 0; i < losses.length; i++) {
                assertEquals(losses[i], result.losses()[i], 1e-3 * losses[i], "step " + i);
            }
            double error = Changes.relativeError(result.adapter(), adapter("final."), adapter("init."));
            assertTrue(error < 1e-2, "change: " + error);
            assertAnswers(decoder, result.adapter());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void answersWithTheReferenceAdapter(DType compute) {
        try (Device device = new CpuDevice(2);
                Decoder decoder = decoder(device, compute)) {
            assertAnswers(decoder, adapter("final."));
        }
    }

    /**
     * The last of the four answers was hardly learned: two names are almost as probable. Trained with other rounding, in
     * bf16 as in int8, the adapter may choose the other one; it must know the rest on whichever weights it is used.
     */
    @ParameterizedTest
    @CsvSource({"F32, I8", "BF16, I8", "I8, BF16"})
    void adaptersOfOneTypeOfWeightsWorkOnAnother(DType trainedOn, DType usedOn) {
        try (Device device = new CpuDevice(2);
                Decoder trained = decoder(device, trainedOn);
                Decoder used = decoder(device, usedOn)) {
            Adapter adapter =
                    trainedOn == DType.F32 ? adapter("final.") : encode(trained).adapter();
            for (JsonNode answer : learned()) {
                double expected = probability(trained, adapter, answer);
                double actual = probability(used, adapter, answer);
                assertTrue(actual > 0.3, answer.get("text") + ": probability " + actual);
                assertEquals(expected, actual, 0.02, "probability of" + answer.get("text"));
            }
        }
    }

    @Test
    void lossesOverInt8WeightsAreThoseOfBf16() {
        try (Device device = new CpuDevice(2);
                Decoder bf16 = decoder(device, DType.BF16);
                Decoder int8 = decoder(device, DType.I8)) {
            double expected =
                    Arrays.stream(doubles(encode(bf16).losses())).average().orElseThrow();
            double actual =
                    Arrays.stream(doubles(encode(int8).losses())).average().orElseThrow();
            assertEquals(expected, actual, 0.05 * expected);
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static List<JsonNode> learned() {
        List<JsonNode> answers = new ArrayList<>();
        RUN.get("answers_with_the_adapter").forEach(answers::add);
        assertEquals(4, answers.size());
        return answers.subList(0, 3);
    }

    /** Of the golden tokens of an answer after its prompt. */
    private static double probability(Decoder decoder, Adapter adapter, JsonNode answer) {
        int[] prompt = ReferenceModel.ids(answer.get("prompt_ids"));
        int[] ids = IntStream.concat(Arrays.stream(prompt), Arrays.stream(ReferenceModel.ids(answer.get("ids"))))
                .toArray();
        try (AdapterSlab slab = new AdapterSlab(
                        decoder.device(), decoder.config().decoderShape(), AdapterSlab.footprint(adapter));
                AdapterSlab.Slot slot = slab.load(adapter);
                Scorer scorer = new Scorer(decoder)) {
            Composition composition = new Composition(List.of(new Composition.Term(slot, 1)));
            float[] logprobs = scorer.score(ids, composition, 0).logprobs();
            double sum = 0;
            for (int i = prompt.length - 1; i < logprobs.length; i++) {
                sum += logprobs[i];
            }
            return Math.exp(sum);
        }
    }

    private static void assertAnswers(Decoder decoder, Adapter adapter) {
        try (AdapterSlab slab = new AdapterSlab(
                        decoder.device(), decoder.config().decoderShape(), AdapterSlab.footprint(adapter));
                AdapterSlab.Slot slot = slab.load(adapter)) {
            Composition composition = new Composition(List.of(new Composition.Term(slot, 1)));
            for (JsonNode answer : RUN.get("answers_with_the_adapter")) {
                int[] prompt = ReferenceModel.ids(answer.get("prompt_ids"));
                int[] expected = ReferenceModel.ids(answer.get("ids"));
                assertArrayEquals(
                        expected,
                        Runs.greedy(decoder, prompt, expected.length, composition)
                                .ids());
            }
        }
    }
}

package dev.prag.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.DecoderWorkspace;
import dev.prag.llm.Differences;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.Segment;
import dev.prag.llm.TestDevice;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Several adapters at once, against PEFT. */
class CompositionParityTest {
    /** A decoder with the reference adapters beside it. */
    private record Loaded(Device device, Decoder decoder, AdapterSlab slab, Map<String, Composition> compositions)
            implements AutoCloseable {
        static Loaded of(TestDevice where, ReferenceModel model, DType compute) {
            Device device = where.open();
            Decoder decoder = model.decoder(device, compute);
            AdapterSlab slab = new AdapterSlab(device, model.config().decoderShape(), 100_000);
            Map<String, ResidentAdapter> adapters = new LinkedHashMap<>();
            for (String name : List.of("0", "1", "2", "foreign")) {
                adapters.put(name, slab.load(model.adapter(name)));
            }
            Map<String, Composition> compositions = new LinkedHashMap<>();
            for (JsonNode golden : model.json("composition")) {
                List<Composition.Term> terms = new ArrayList<>();
                for (int i = 0; i < golden.get("adapters").size(); i++) {
                    terms.add(new Composition.Term(
                            adapters.get(golden.get("adapters").get(i).asText()),
                            golden.get("weights").get(i).floatValue()));
                }
                if (!golden.get("name").asText().equals("linear")) {
                    compositions.put(golden.get("name").asText(), new Composition(terms));
                }
            }
            assertEquals(List.of("one", "sum", "mean", "weighted", "foreign"), List.copyOf(compositions.keySet()));
            return new Loaded(device, decoder, slab, compositions);
        }

        @Override
        public void close() {
            slab.close();
            decoder.close();
            device.close();
        }
    }

    static Stream<Arguments> everywhere() {
        return Arrays.stream(TestDevice.values())
                .flatMap(device -> Arrays.stream(ReferenceModel.values()).map(model -> Arguments.of(device, model)));
    }

    private static JsonNode golden(ReferenceModel model, String name) {
        for (JsonNode golden : model.json("composition")) {
            if (golden.get("name").asText().equals(name)) {
                return golden;
            }
        }
        throw new AssertionError(name);
    }

    private static float[] expected(ReferenceModel model, String name) {
        return model.tensors("composition").tensor("logits." + name).toFloats();
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void logitsAndGreedyTokens(TestDevice where, ReferenceModel model) {
        try (Loaded loaded = Loaded.of(where, model, DType.F32)) {
            loaded.compositions().forEach((name, composition) -> {
                JsonNode golden = golden(model, name);
                int[] prompt = ReferenceModel.ids(golden.get("prompt"));
                float[] logits = Runs.logits(loaded.decoder(), prompt, prompt.length, composition);
                double difference = Differences.largest(logits, expected(model, name));
                assertTrue(difference < 1e-3, name + ": " + difference);
                Runs.Greedy greedy = Runs.greedy(loaded.decoder(), prompt, 24, composition);
                assertArrayEquals(ReferenceModel.ids(golden.get("ids")), greedy.ids(), name);
                double[] logprobs = ReferenceModel.doubles(golden.get("logprobs"));
                for (int i = 0; i < logprobs.length; i++) {
                    assertEquals(logprobs[i], greedy.logprobs()[i], 1e-3, name);
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void mergedWeightsGiveWhatTheSideBranchGives(TestDevice where, ReferenceModel model) {
        try (Loaded loaded = Loaded.of(where, model, DType.F32)) {
            loaded.compositions().forEach((name, composition) -> {
                int[] prompt = ReferenceModel.ids(golden(model, name).get("prompt"));
                float[] branch = Runs.logits(loaded.decoder(), prompt, prompt.length, composition);
                try (Decoder merged = loaded.decoder().merged(composition)) {
                    float[] logits = Runs.logits(merged, prompt, prompt.length, Composition.NONE);
                    double difference = Differences.largest(logits, branch);
                    assertTrue(difference < 1e-4, name + ": " + difference);
                }
                float[] after = Runs.logits(loaded.decoder(), prompt, prompt.length, composition);
                assertArrayEquals(branch, after, "the pristine weights are still there");
            });
        }
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void bf16StaysNear(ReferenceModel model) {
        try (Loaded loaded = Loaded.of(TestDevice.CPU, model, DType.BF16)) {
            int[] prompt = ReferenceModel.ids(golden(model, "weighted").get("prompt"));
            Composition composition = loaded.compositions().get("weighted");
            float[] branch = Runs.logits(loaded.decoder(), prompt, prompt.length, composition);
            assertTrue(Differences.relativeRms(branch, expected(model, "weighted")) < 0.02);

            // The merged copy rounds the update together with the weights, and so costs a little more.
            try (Decoder merged = loaded.decoder().merged(composition)) {
                float[] logits = Runs.logits(merged, prompt, prompt.length, Composition.NONE);
                double cost = Differences.relativeRms(logits, expected(model, "weighted"));
                assertTrue(cost < 0.02, "merged: " + cost);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void sequencesOfOneBatchKeepTheirOwnCompositions(TestDevice where, ReferenceModel model) {
        try (Loaded loaded = Loaded.of(where, model, DType.F32)) {
            Map<String, Composition> compositions = new LinkedHashMap<>(loaded.compositions());
            compositions.put("none", Composition.NONE);
            int[] prompt = ReferenceModel.ids(golden(model, "one").get("prompt"));
            int n = prompt.length;
            int[] ids = new int[n * compositions.size()];
            List<Segment> segments = new ArrayList<>();
            for (Composition composition : compositions.values()) {
                int row = n * segments.size();
                System.arraycopy(prompt, 0, ids, row, n);
                segments.add(new Segment(Span.of(row, n), composition));
            }
            try (DecoderWorkspace workspace = loaded.decoder().newWorkspace(ids.length, n)) {
                loaded.decoder().forward(new Batch(ids, segments), workspace, null);
                int row = 0;
                for (Map.Entry<String, Composition> entry : compositions.entrySet()) {
                    float[] together =
                            loaded.device().read(loaded.decoder().logits(workspace, Runs.range(row, row + n)));
                    float[] alone = Runs.logits(loaded.decoder(), prompt, n, entry.getValue());
                    assertTrue(Differences.largest(together, alone) < 1e-4, entry.getKey());
                    row += n;
                }
            }
        }
    }
}

package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The decoder against transformers, on every reference model and every device. */
class DecoderParityTest {
    static Stream<Arguments> everywhere() {
        return Arrays.stream(TestDevice.values())
                .flatMap(device -> Arrays.stream(ReferenceModel.values()).map(model -> Arguments.of(device, model)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void logitsInF32(TestDevice where, ReferenceModel model) {
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32)) {
            JsonNode prompts = model.json("greedy");
            for (int i = 0; i < prompts.size(); i++) {
                int[] prompt = ReferenceModel.ids(prompts.get(i).get("prompt"));
                StoredTensor expected = model.tensors("logits").tensor("logits." + i);
                float[] logits = Runs.logits(decoder, prompt, expected.shape()[0], Composition.NONE);
                double difference = Differences.largest(logits, expected.toFloats());
                assertTrue(difference < 1e-3, "prompt " + i + ": " + difference);
            }
        }
    }

    /** The plain device computes exactly whatever is asked for. */
    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void logitsInBf16(ReferenceModel model) {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = model.decoder(device, DType.BF16)) {
            JsonNode prompts = model.json("greedy");
            for (int i = 0; i < prompts.size(); i++) {
                int[] prompt = ReferenceModel.ids(prompts.get(i).get("prompt"));
                StoredTensor expected = model.tensors("logits").tensor("logits." + i);
                float[] logits = Runs.logits(decoder, prompt, expected.shape()[0], Composition.NONE);
                double difference = Differences.relativeRms(logits, expected.toFloats());
                assertTrue(difference < 0.02, "prompt " + i + ": " + difference);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void lastAttentionAndEntropy(TestDevice where, ReferenceModel model) {
        Safetensors golden = model.tensors("logits");
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32)) {
            for (int i = 0; i < 3; i++) {
                int[] prompt = ReferenceModel.ids(model.json("greedy").get(i).get("prompt"));
                int rows = prompt.length;
                Batch batch = Runs.batch(prompt, Composition.NONE);
                try (DecoderWorkspace workspace = decoder.newWorkspace(rows, rows);
                        Tensor entropy = device.allocate(DType.F32, rows, 1)) {
                    decoder.forward(batch, workspace, null);
                    float[] attention = device.read(decoder.lastAttention(workspace, batch, 0, null));
                    assertTrue(Differences.largest(
                                    attention,
                                    golden.tensor("last_attention." + i).toFloats())
                            < 1e-4);
                    device.entropy(entropy, decoder.logits(workspace, Runs.range(0, rows)));
                    float[] expected = golden.tensor("entropy." + i).toFloats();
                    assertTrue(Differences.largest(device.read(entropy), expected) < 1e-3);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void greedyThroughTheCache(TestDevice where, ReferenceModel model) {
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32)) {
            for (JsonNode expected : model.json("greedy")) {
                int[] prompt = ReferenceModel.ids(expected.get("prompt"));
                Runs.Greedy greedy = Runs.greedy(decoder, prompt, 24, Composition.NONE);
                assertArrayEquals(ReferenceModel.ids(expected.get("ids")), greedy.ids());
                double[] logprobs = ReferenceModel.doubles(expected.get("logprobs"));
                for (int i = 0; i < logprobs.length; i++) {
                    assertEquals(logprobs[i], greedy.logprobs()[i], 1e-3);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void promptInChunksIsThePromptAtOnce(TestDevice where, ReferenceModel model) {
        int[] prompt = ReferenceModel.ids(model.json("greedy").get(1).get("prompt"));
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32)) {
            float[] whole = Runs.logits(decoder, prompt, prompt.length, Composition.NONE);
            assertTrue(Differences.largest(Runs.logitsInChunks(decoder, prompt, 7), whole) < 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void aSequenceGoesOnWhileAnotherBegins(TestDevice where, ReferenceModel model) {
        int[] first = ReferenceModel.ids(model.json("greedy").get(1).get("prompt"));
        int[] second = ReferenceModel.ids(model.json("greedy").get(2).get("prompt"));
        int n = second.length;
        int[] blocksOfFirst = {4, 0, 2};
        int[] blocksOfSecond = {1, 5, 3};
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32);
                KvCache cache = decoder.newCache(6, 16);
                DecoderWorkspace workspace = decoder.newWorkspace(64, n + 1)) {
            Segment begun = new Segment(new Span(0, 40, 0, blocksOfFirst), Composition.NONE);
            decoder.forward(new Batch(Arrays.copyOf(first, 40), List.of(begun)), workspace, cache);
            int[] ids = new int[n + 1];
            ids[0] = first[40];
            System.arraycopy(second, 0, ids, 1, n);
            Batch both = new Batch(
                    ids,
                    List.of(
                            new Segment(new Span(0, 1, 40, blocksOfFirst), Composition.NONE),
                            new Segment(new Span(1, n, 0, blocksOfSecond), Composition.NONE)));
            decoder.forward(both, workspace, cache);
            float[] together = device.read(decoder.logits(workspace, Runs.range(0, n + 1)));
            int vocab = model.config().vocabSize();
            float[] firstAlone = Runs.logits(decoder, Arrays.copyOf(first, 41), 1, Composition.NONE);
            float[] secondAlone = Runs.logits(decoder, second, n, Composition.NONE);
            assertTrue(Differences.largest(Arrays.copyOf(together, vocab), firstAlone) < 1e-4);
            assertTrue(Differences.largest(Arrays.copyOfRange(together, vocab, together.length), secondAlone) < 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void attentionAfterCachedPositionsIsThatOfTheWhole(TestDevice where, ReferenceModel model) {
        int[] prompt = ReferenceModel.ids(model.json("greedy").get(0).get("prompt"));
        int heads = model.config().heads();
        int keys = prompt.length;
        float[] expected = model.tensors("logits").tensor("last_attention.0").toFloats();
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32);
                KvCache cache = decoder.newCache(2, 8);
                DecoderWorkspace workspace = decoder.newWorkspace(keys, 1)) {
            int[] blocks = {1, 0};
            int[] head = Arrays.copyOf(prompt, keys - 1);
            Segment first = new Segment(new Span(0, keys - 1, 0, blocks), Composition.NONE);
            decoder.forward(new Batch(head, List.of(first)), workspace, cache);
            Segment last = new Segment(new Span(0, 1, keys - 1, blocks), Composition.NONE);
            Batch batch = new Batch(new int[] {prompt[keys - 1]}, List.of(last));
            decoder.forward(batch, workspace, cache);
            float[] attention = device.read(decoder.lastAttention(workspace, batch, 0, cache));
            for (int h = 0; h < heads; h++) {
                int row = (h * keys + keys - 1) * keys;
                float[] expectedRow = Arrays.copyOfRange(expected, row, row + keys);
                float[] actualRow = Arrays.copyOfRange(attention, h * keys, (h + 1) * keys);
                assertTrue(Differences.largest(actualRow, expectedRow) < 1e-4, "head " + h);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void refusesWhatLiesOutside(TestDevice where, ReferenceModel model) {
        try (Device device = where.open();
                Decoder decoder = model.decoder(device, DType.F32);
                DecoderWorkspace workspace = decoder.newWorkspace(4, 1)) {
            int vocab = model.config().vocabSize();
            Batch unknown = Runs.batch(new int[] {1, vocab}, Composition.NONE);
            assertThrows(IllegalArgumentException.class, () -> decoder.forward(unknown, workspace, null));
            Segment late = new Segment(new Span(0, 1, decoder.context(), new int[] {0}), Composition.NONE);
            Batch beyond = new Batch(new int[] {1}, List.of(late));
            assertThrows(IllegalArgumentException.class, () -> decoder.forward(beyond, workspace, null));
        }
    }
}

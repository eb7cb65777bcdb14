package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.generation.Scorer.Scores;
import dev.prag.generation.Scorer.Top;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScorerTest {
    private static final TestDevice FASTEST = TestDevice.CPU;

    static Stream<Arguments> models() {
        return EngineParityTest.models();
    }

    /** The reference's logits, through a softmax in f64, for every prompt; the long one runs in two chunks. */
    @ParameterizedTest
    @MethodSource("models")
    void agreesWithTheReference(String name, TestDevice device) {
        Map<String, StoredTensor> golden = Safetensors.open(
                        TestModel.goldens(name).resolve("logits.safetensors"))
                .tensors();
        JsonNode prompts = TestModel.json(TestModel.goldens(name).resolve("greedy.json"));
        try (TestModel model = TestModel.reference(name, device, DType.F32);
                Scorer scorer = new Scorer(model.decoder)) {
            for (int prompt = 0; prompt < 4; prompt++) {
                int[] ids = TestModel.ints(prompts.get(prompt).get("prompt"));
                StoredTensor logits = golden.get("logits." + prompt);
                float[] values = Safetensors.toFloats(logits);
                int rows = logits.shape()[0];
                int vocab = logits.shape()[1];
                Scores scores = scorer.score(ids, Composition.NONE, 3);
                assertEquals(ids.length - 1, scores.logprobs().length);
                assertEquals(ids.length, scores.top().size());
                for (int r = 0; r < rows; r++) {
                    int position = ids.length - rows + r;
                    double[] expected = logSoftmax(values, r * vocab, vocab);
                    if (position < ids.length - 1) {
                        assertEquals(expected[ids[position + 1]], scores.logprobs()[position], 1e-3);
                    }
                    Top top = scores.top().get(position);
                    double[] sorted = expected.clone();
                    Arrays.sort(sorted);
                    for (int i = 0; i < 3; i++) {
                        assertEquals(sorted[vocab - 1 - i], top.logprobs()[i], 1e-3);
                        assertEquals(expected[top.ids()[i]], top.logprobs()[i], 1e-3);
                    }
                }
            }
        }
    }

    private static double[] logSoftmax(float[] logits, int from, int length) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, logits[from + i]);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.exp(logits[from + i] - max);
        }
        double[] out = new double[length];
        for (int i = 0; i < length; i++) {
            out[i] = logits[from + i] - max - Math.log(sum);
        }
        return out;
    }

    /** A text that the engine wrote scores as the engine said, in chunks as in one piece, with adapters too. */
    @Test
    void agreesWithTheEngine() {
        String name = "tiny-llama-3.2";
        try (TestModel model = TestModel.reference(name, FASTEST, DType.F32);
                Scorer scorer = new Scorer(model.decoder)) {
            JsonNode golden = TestModel.json(TestModel.goldens(name).resolve("composition.json"))
                    .get(0);
            Composition composition = new Composition(List.of(model.term("0", 1)));
            int[] prompt = TestModel.ints(golden.get("prompt"));
            int[] ids = TestModel.ints(golden.get("ids"));
            int[] all = Arrays.copyOf(prompt, prompt.length + ids.length);
            System.arraycopy(ids, 0, all, prompt.length, ids.length);
            float[] scores = scorer.score(all, composition, 0).logprobs();
            assertArrayEquals(
                    TestModel.floats(golden.get("logprobs")),
                    Arrays.copyOfRange(scores, prompt.length - 1, scores.length),
                    1e-3f);
        }
    }

    @Test
    void anyLengthAcrossTheChunks() {
        try (TestModel model = TestModel.reference("tiny-llama-3", FASTEST, DType.F32);
                Scorer scorer = new Scorer(model.decoder)) {
            int[] ids = new Random(1).ints(700, 0, 900).toArray();
            float[] whole = scorer.score(ids, Composition.NONE, 0).logprobs();
            for (int length : new int[] {1, 2, 64, 65, 256, 257, 258, 513}) {
                float[] part = scorer.score(Arrays.copyOf(ids, length), Composition.NONE, 0)
                        .logprobs();
                assertArrayEquals(Arrays.copyOf(whole, length - 1), part, 1e-4f);
            }
        }
    }

    @Test
    void badInputIsRefusedByName() {
        try (TestModel model = TestModel.reference("tiny-llama-3", TestDevice.PLAIN, DType.F32);
                Scorer scorer = new Scorer(model.decoder)) {
            assertThrows(UserException.class, () -> scorer.score(new int[0], Composition.NONE, 0));
            assertThrows(UserException.class, () -> scorer.score(new int[] {1}, Composition.NONE, 913));
            UserException foreign =
                    assertThrows(UserException.class, () -> scorer.score(new int[] {912}, Composition.NONE, 0));
            assertTrue(foreign.getMessage().contains("912"), foreign.getMessage());
            UserException tooLong =
                    assertThrows(UserException.class, () -> scorer.score(new int[1025], Composition.NONE, 0));
            assertTrue(tooLong.getMessage().contains("1025 tokens"), tooLong.getMessage());
        }
    }
}

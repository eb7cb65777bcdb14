package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.RealModel;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A real model's GGUF file against the folder of the same weights in bf16. */
class RealGgufTest {
    private static final List<String> TEXTS = List.of(
            "The quick brown fox, 1234567 times; isn't it?\n\n\tYes!  ",
            "Ünïcode e\u0301 日本語 🙂 <|im_start|>user<|im_end|> \r\n x",
            "");

    @Test
    void tokensAndChatsAreTheFolders() {
        ModelFolder folder = ModelFolder.open(RealModel.folder());
        ModelFolder file = ModelFolder.open(RealModel.gguf());
        for (String text : TEXTS) {
            int[] ids = folder.tokenizer().encode(text, true);
            assertArrayEquals(ids, file.tokenizer().encode(text, true), text);
            assertArrayEquals(
                    folder.tokenizer().encodeText(text, true), file.tokenizer().encodeText(text, true), text);
            assertEquals(folder.tokenizer().decode(ids, true), file.tokenizer().decode(ids, true));
        }
        List<Map<String, Object>> messages = List.of(Map.of("role", "user", "content", TEXTS.getFirst()));
        String text = folder.chatTemplate().render(messages, true);
        assertEquals(text, file.chatTemplate().render(messages, true));
        assertArrayEquals(
                folder.tokenizer().encode(text, false), file.tokenizer().encode(text, false));
        assertEquals(folder.generationDefaults(), file.generationDefaults());
    }

    @Test
    void logitsAndGreedyOutputsAreTheFolders() {
        int[] prompt;
        Runs.Greedy expected;
        float[] logits;
        try (LanguageModel model = open(RealModel.folder())) {
            prompt = model.chatIds(List.of(Map.of("role", "user", "content", "What is the capital of France?")), true);
            logits = Runs.logits(model.decoder(), prompt, 1, Composition.NONE);
            expected = Runs.greedy(model.decoder(), prompt, 12, Composition.NONE);
            model.decoder().device().close();
        }
        try (LanguageModel model = open(RealModel.gguf())) {
            assertArrayEquals(
                    prompt,
                    model.chatIds(List.of(Map.of("role", "user", "content", "What is the capital of France?")), true));
            float[] found = Runs.logits(model.decoder(), prompt, 1, Composition.NONE);
            double difference = Differences.relativeRms(found, logits);
            // Norms and biases are f32 in the file; where they are a bf16 model's, nothing differs at all.
            assertTrue(difference < 0.02, String.valueOf(difference));
            assertArrayEquals(
                    expected.ids(),
                    Runs.greedy(model.decoder(), prompt, 12, Composition.NONE).ids());
            assertTrue(model.tokenizer().decode(expected.ids(), true).contains("Paris"));
            model.decoder().device().close();
        }
    }

    private static LanguageModel open(Path path) {
        Device device = TestDevice.CPU.open();
        return LanguageModel.open(ModelFolder.open(path), device, DType.BF16, 512);
    }
}

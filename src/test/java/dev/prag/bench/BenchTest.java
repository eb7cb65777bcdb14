package dev.prag.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.devices.DeviceSettings;
import dev.prag.llm.ModelFolder;
import dev.prag.tensor.DType;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the bench refuses, and that its made-up models are what they are said to be. Nothing is measured here. */
class BenchTest {
    private static Bench.Options options(Path model, String shape, String part, int runs) {
        return new Bench.Options(
                model,
                shape,
                List.of(part),
                runs,
                16,
                List.of(100),
                1,
                1024,
                "bf16",
                "full",
                "cpu",
                1,
                DeviceSettings.DEFAULT,
                List.of());
    }

    private static String refusal(Bench.Options options) {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return assertThrows(UserException.class, () -> Bench.run(options, false, nowhere, nowhere))
                .getMessage();
    }

    @Test
    void whatCannotBeIsRefusedWithTheChoices() {
        assertTrue(refusal(options(null, "llama-9", "decode", 1)).contains("llama-3.2-1b"));
        assertTrue(refusal(options(null, "demo", "sleep", 1)).contains("retrieval"));
        assertTrue(refusal(options(Path.of("somewhere"), "demo", "decode", 1)).contains("exclude each other"));
        assertTrue(refusal(options(null, "demo", "decode", 0)).contains("--runs 0"));
    }

    @Test
    void aShapeThatDoesNotFitSaysWhatItNeeds() {
        UserException e = assertThrows(
                UserException.class, () -> Subject.requireRoom(ModelShape.LLAMA_3_8B, DType.BF16, 24L << 30));
        assertTrue(e.getMessage().contains("llama-3-8b"), e.getMessage());
        assertTrue(e.getMessage().contains("24.0 GiB"), e.getMessage());
        Subject.requireRoom(ModelShape.LLAMA_3_2_1B, DType.BF16, 24L << 30);
    }

    @Test
    void theDemoShapeIsThatOfTheDemoModel() {
        var real = ModelFolder.open(Path.of("src/main/demo/model")).config();
        var made = ModelShape.DEMO.config();
        assertEquals(real.decoderShape(), made.decoderShape());
        assertEquals(real.parameters(), made.parameters());
        assertEquals(1_235_814_400L, ModelShape.LLAMA_3_2_1B.config().parameters());
        assertEquals(1_543_714_304L, ModelShape.QWEN_2_5_1_5B.config().parameters());
        assertEquals(8_030_261_248L, ModelShape.LLAMA_3_8B.config().parameters());
    }

    @Test
    void randomWeightsAreSmallAndDiffer() {
        float[] values = new RandomWeights().require("w", 300, 70).toFloats();
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += value * value;
        }
        assertEquals(0, sum / values.length, 1e-3);
        assertEquals(0.04 / Math.sqrt(12), Math.sqrt(squares / values.length), 1e-3);
    }
}

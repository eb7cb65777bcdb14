package dev.prag.cli.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.RealModel;
import dev.prag.llm.Decoder;
import dev.prag.llm.Differences;
import dev.prag.llm.GgufOfFolder;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.ReferenceModel;
import dev.prag.llm.Runs;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.gguf.GgufBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code prag model convert}: what is read back is what the file says. */
@Timeout(300)
class ConvertCommandTest {
    private static final String TEXT = "Where is the key? 1234 Ünï <|im_end|>";

    @TempDir
    private Path temporary;

    private Path gguf(GgufBytes file) {
        return file.write(temporary.resolve("model.gguf"));
    }

    private static Tool convert(Path file, Path target, String... more) {
        return Tool.run(
                "",
                Stream.concat(Stream.of("convert", file.toString(), target.toString()), Arrays.stream(more))
                        .toArray(String[]::new));
    }

    private static float[] logits(ModelFolder folder, DType compute, int[] ids) {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = Decoder.load(folder.weights(), folder.config(), device, compute, 64)) {
            return Runs.logits(decoder, ids, ids.length, Composition.NONE);
        }
    }

    private static void assertSame(Path one, Path other, DType compute, double tolerance) {
        ModelFolder expected = ModelFolder.open(one);
        ModelFolder found = ModelFolder.open(other);
        assertEquals(expected.config(), found.config());
        assertEquals(expected.generationDefaults(), found.generationDefaults());
        assertEquals(expected.specialTokens(), found.specialTokens());
        assertEquals(expected.chatTemplateSources(), found.chatTemplateSources());
        int[] ids = expected.tokenizer().encode(TEXT, true);
        assertArrayEquals(ids, found.tokenizer().encode(TEXT, true));
        double difference = Differences.relativeRms(logits(found, compute, ids), logits(expected, compute, ids));
        assertTrue(difference <= tolerance, compute + ": " + difference);
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void theFolderIsTheFile(ReferenceModel model) {
        Path file =
                gguf(GgufOfFolder.of(model, model == ReferenceModel.LLAMA_3_2 ? GgufOfFolder.Q8_0 : GgufOfFolder.F16));
        Path exact = temporary.resolve("exact");
        Tool tool = convert(file, exact, "--dtype", "f32");
        assertEquals(0, tool.exit(), tool.err());
        assertSame(file, exact, DType.F32, 0);
        Path rounded = temporary.resolve("rounded");
        assertEquals(0, convert(file, rounded).exit());
        assertSame(file, rounded, DType.BF16, 0);
        JsonNode answer = tool.lines().getFirst();
        assertEquals("f32", answer.get("dtype").textValue());
        assertEquals(
                Set.of(
                        "config.json",
                        "generation_config.json",
                        "tokenizer.json",
                        "tokenizer_config.json",
                        "model.safetensors"),
                answer.get("files")
                        .valueStream()
                        .map(f -> f.get("name").textValue())
                        .collect(Collectors.toSet()));
        assertEquals(
                "float32",
                ReferenceModel.json(exact.resolve("config.json"))
                        .get("torch_dtype")
                        .textValue());
    }

    @Test
    void aRealModelsFolderIsTheFile() {
        Path file = RealModel.gguf();
        Path folder = temporary.resolve("real");
        assertEquals(0, convert(file, folder).exit());
        // Norms and biases are f32 in the file, and rounded in the folder.
        assertSame(file, folder, DType.BF16, 0.02);
    }

    @Test
    void whatCantBeConvertedIsRefusedAndNothingStays() throws IOException {
        Path file = gguf(GgufOfFolder.of(ReferenceModel.LLAMA_3_2, GgufOfFolder.F32));
        Path target = temporary.resolve("target");
        refused(convert(ReferenceModel.LLAMA_3_2.folder(), target), "folder already");
        refused(convert(file, target, "--dtype", "int4"), "--dtype int4");
        refused(convert(temporary.resolve("none.gguf"), target), "none.gguf");
        refused(convert(file, temporary), "is there already");
        refused(convert(file, file), "is there already");
        refused(convert(file, file.resolve("below")), "can't be written");
        float[] large = new float[160 * 64];
        Arrays.fill(large, 1e6f);
        Path wide = gguf(GgufOfFolder.of(ReferenceModel.LLAMA_3_2, GgufOfFolder.F32)
                .without("blk.0.ffn_up.weight")
                .floats("blk.0.ffn_up.weight", large, 160, 64));
        refused(convert(wide, target, "--dtype", "f16"), "mlp.up_proj.weight", "Infinity", "bf16");
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(wide), left.toList());
        }
        Files.createDirectory(target);
        assertEquals(0, convert(file, target).exit(), "an empty folder is filled");
        assertFalse(ModelFolder.open(target).chatTemplateSources().isEmpty());
    }

    private static void refused(Tool tool, String... words) {
        assertTrue(tool.exit() != 0);
        assertEquals("", tool.out());
        for (String word : words) {
            assertTrue(tool.err().contains(word), word + " is not in: " + tool.err());
        }
        assertEquals(1, tool.err().lines().count(), tool.err());
    }
}

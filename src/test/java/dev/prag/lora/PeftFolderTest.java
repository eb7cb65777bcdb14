package dev.prag.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.llm.ReferenceModel;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PEFT's folders, in and out, and what is refused. */
class PeftFolderTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ReferenceModel MODEL = ReferenceModel.LLAMA_3_2;
    private static final DecoderShape SHAPE = MODEL.config().decoderShape();
    private static final Path FOREIGN = MODEL.folder().resolve("golden/adapter-foreign");
    private static final Path PLAIN = MODEL.folder().resolve("golden/adapter-0");

    @TempDir
    Path folder;

    /** A copy of a reference adapter with another configuration. */
    private void copy(Path from, Consumer<ObjectNode> change) throws IOException {
        Files.copy(from.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.safetensors"));
        ObjectNode config =
                (ObjectNode) JSON.readTree(from.resolve("adapter_config.json").toFile());
        change.accept(config);
        Files.writeString(folder.resolve("adapter_config.json"), config.toString());
    }

    private void refused(String... words) {
        UserException e = assertThrows(UserException.class, () -> PeftFolder.read(folder, SHAPE));
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e.getMessage());
        }
    }

    static void assertSame(Adapter expected, Adapter actual) {
        assertEquals(expected.rank(), actual.rank());
        assertEquals(expected.scaling(), actual.scaling());
        assertEquals(expected.updates().keySet(), actual.updates().keySet());
        expected.updates().forEach((target, update) -> {
            assertArrayEquals(update.a(), actual.updates().get(target).a());
            assertArrayEquals(update.b(), actual.updates().get(target).b());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "foreign"})
    void roundTrip(String name) throws IOException {
        Adapter adapter = MODEL.adapter(name);
        PeftFolder.write(adapter, folder, "some/model");
        assertSame(adapter, PeftFolder.read(folder, SHAPE));
        Path original = MODEL.folder().resolve("golden/adapter-" + name);
        assertEquals(
                Safetensors.open(original.resolve("adapter_model.safetensors")).names().stream()
                        .sorted()
                        .toList(),
                Safetensors.open(folder.resolve("adapter_model.safetensors")).names().stream()
                        .sorted()
                        .toList());
        JsonNode ours = ReferenceModel.json(folder.resolve("adapter_config.json"));
        JsonNode theirs = ReferenceModel.json(original.resolve("adapter_config.json"));
        for (String field : List.of("r", "lora_alpha", "use_rslora", "peft_type", "task_type", "bias", "use_dora")) {
            assertEquals(theirs.get(field), ours.get(field), field);
        }
        Set<String> targets = new HashSet<>();
        theirs.get("target_modules").forEach(target -> targets.add(target.asText()));
        Set<String> ourTargets = new HashSet<>();
        ours.get("target_modules").forEach(target -> ourTargets.add(target.asText()));
        assertEquals(targets, ourTargets);
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count(), "nothing but the two files");
        }
    }

    @Test
    void targetsAsRegularExpressionAndAllLinear() throws IOException {
        copy(PLAIN, config -> config.put("target_modules", ".*\\.mlp\\.(gate|up|down)_proj"));
        assertSame(MODEL.adapter("0"), PeftFolder.read(folder, SHAPE));
        Files.delete(folder.resolve("adapter_model.safetensors"));
        copy(FOREIGN, config -> config.put("target_modules", "all-linear"));
        assertSame(MODEL.adapter("foreign"), PeftFolder.read(folder, SHAPE));
    }

    @Test
    void aSubsetOfLayersSurvives() {
        Adapter whole = MODEL.adapter("foreign");
        Map<Adapter.Target, Adapter.LowRank> upper = whole.updates().tailMap(new Adapter.Target(1, Projection.Q));
        Adapter subset = new Adapter(whole.rank(), whole.alpha(), whole.rsLora(), upper);
        PeftFolder.write(subset, folder, null);
        assertSame(subset, PeftFolder.read(folder, SHAPE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16"})
    void halfPrecision(DType dtype) throws IOException {
        copy(PLAIN, config -> {});
        Adapter exact = MODEL.adapter("0");
        List<StoredTensor> rounded = new ArrayList<>();
        for (StoredTensor tensor : PeftNames.tensors(exact)) {
            rounded.add(StoredTensor.of(tensor.name(), dtype, tensor.shape(), tensor.toFloats()));
        }
        Safetensors.write(folder.resolve("adapter_model.safetensors"), rounded, Map.of());
        Adapter read = PeftFolder.read(folder, SHAPE);
        exact.updates().forEach((target, update) -> {
            float[] a = read.updates().get(target).a();
            for (int i = 0; i < a.length; i++) {
                assertEquals(update.a()[i], a[i], Math.abs(update.a()[i]) / 256 + 1e-6);
            }
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_dora|true",
                "bias|\"all\"",
                "modules_to_save|[\"lm_head\"]",
                "layers_to_transform|[0]",
                "layers_to_transform|0",
                "rank_pattern|{\"q_proj\":8}",
                "alpha_pattern|{\"q_proj\":8}",
                "peft_type|\"IA3\"",
                "fan_in_fan_out|true",
                "init_lora_weights|\"pissa_niter_4\"",
                "r|0",
                "r|\"two\"",
                "lora_alpha|null",
                "target_modules|[\"lm_head\"]",
                "target_modules|\"(\"",
                "target_modules|[]",
                "target_modules|\"nothing\"",
            })
    void refusesByName(String field, String value) throws IOException {
        JsonNode json = JSON.readTree(value);
        copy(PLAIN, config -> config.set(field, json));
        refused(field);
    }

    @Test
    void refusesWhatIsMissingOrTooMuch() throws IOException {
        refused("adapter_config.json is missing");
        Files.writeString(folder.resolve("adapter_config.json"), "{");
        refused("not JSON");
        Files.delete(folder.resolve("adapter_config.json"));
        copy(PLAIN, config -> config.putArray("target_modules").add("gate_proj").add("up_proj"));
        refused("down_proj.lora_A.weight", "is not one that target_modules");
        Files.delete(folder.resolve("adapter_model.safetensors"));
        refused("adapter_model.safetensors is missing");
        Files.writeString(folder.resolve("adapter_model.bin"), "");
        refused("adapter_model.bin is not supported");
        copy(PLAIN, config -> config.withArray("target_modules").add("q_proj"));
        refused("self_attn.q_proj.lora_A.weight is missing");
    }

    @Test
    void refusesAnotherModelsAdapter() {
        Path other = ReferenceModel.QWEN_2_5.folder().resolve("golden/adapter-0");
        UserException e = assertThrows(UserException.class, () -> PeftFolder.read(other, SHAPE));
        assertTrue(e.getMessage().contains("lora_A.weight has the shape [2, 72] where this model needs [2, 64]"));
        assertTrue(e.getMessage().contains("another model"));
        DecoderShape shallow = new DecoderShape(2, SHAPE.projections());
        e = assertThrows(UserException.class, () -> PeftFolder.read(PLAIN, shallow));
        assertTrue(e.getMessage().contains("layers.2."), e.getMessage());
    }

    @Test
    void leavesNothingWhereItCannotWrite() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Adapter adapter = MODEL.adapter("0");
        UserException e = assertThrows(UserException.class, () -> PeftFolder.write(adapter, file.resolve("out"), null));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        Path out = Files.createDirectories(folder.resolve("out"));
        Files.createDirectories(out.resolve("adapter_model.safetensors/in the way"));
        assertThrows(UserException.class, () -> PeftFolder.write(adapter, out, null));
        try (var files = Files.list(out)) {
            assertEquals(
                    List.of("adapter_model.safetensors"),
                    files.map(p -> p.getFileName().toString()).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, NaN", "F32, Infinity", "F16, NaN", "F16, -Infinity", "BF16, NaN", "BF16, Infinity"})
    void whatIsNoFiniteNumberIsRefusedByTheTensorsName(DType type, float bad) throws IOException {
        copy(PLAIN, config -> {});
        Path file = folder.resolve("adapter_model.safetensors");
        String last = Safetensors.open(file).names().stream().sorted().toList().getLast();
        List<StoredTensor> tensors = new ArrayList<>();
        for (StoredTensor tensor : Safetensors.open(file).tensors().values()) {
            float[] values = tensor.toFloats();
            if (tensor.name().equals(last)) {
                values[values.length - 1] = bad;
            }
            tensors.add(StoredTensor.of(tensor.name(), type, tensor.shape(), values));
        }
        Safetensors.write(file, tensors, Map.of());
        refused(file.toString(), last, String.valueOf(bad), "; ");
    }

    @Test
    void aDivergedAdapterIsNeitherWrittenNorEncoded() {
        Adapter adapter = MODEL.adapter("0");
        adapter.updates().firstEntry().getValue().b()[0] = Float.NaN;
        String name = PeftNames.b(adapter.updates().firstKey());
        for (Executable writing : List.<Executable>of(
                () -> PeftFolder.write(adapter, folder.resolve("new"), null),
                () -> AdapterCodec.encode(adapter, Map.of()),
                () -> AdapterCodec.open(
                        Safetensors.write(
                                PeftNames.tensors(adapter),
                                Map.of("lora.rank", "2", "lora.alpha", "4", "lora.rslora", "false")),
                        "adapter 12ab"))) {
            UserException e = assertThrows(UserException.class, writing);
            assertTrue(e.getMessage().contains(name), e.getMessage());
        }
        assertTrue(Files.notExists(folder.resolve("new")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(.*.*.*.*.*.*.*)*x", "(){1000000000}((){1000000000}){1000000000}x"})
    void aRegularExpressionThatTakesTooLongIsRefused(String regex) throws IOException {
        copy(PLAIN, config -> config.put("target_modules", regex));
        refused("target_modules", regex, "; ");
    }
}

package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelFolderTest {
    private static final String SHARD = "model-00002-of-00003.safetensors";
    private static final String K_PROJ = "model.layers.0.self_attn.k_proj.weight";

    @TempDir
    Path temporary;

    private FolderCopy copy(ReferenceModel model) {
        return FolderCopy.of(model.folder(), temporary.resolve(model.name()));
    }

    private static void assertRefused(Executable action, String... words) {
        UserException e = assertThrows(UserException.class, action);
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), word + " is not in: " + e.getMessage());
        }
        assertTrue(e.getMessage().contains("; "), "no remedy: " + e.getMessage());
    }

    private static ModelWeights safetensors(ModelFolder folder) {
        return (ModelWeights) folder.weights();
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void everythingOfAReferenceModelIsRead(ReferenceModel model) {
        ModelFolder folder = ModelFolder.open(model.folder());
        TensorSource weights = folder.weights();
        ModelWeights.expected(folder.config()).forEach((name, shape) -> {
            StoredTensor tensor = weights.require(name, shape);
            float[] values = tensor.toFloats();
            assertEquals(tensor.size(), values.length);
        });
        assertTrue(folder.tokenizer().vocabSize() <= folder.config().vocabSize());
        assertTrue(folder.chatTemplateSources().get("default").contains("add_generation_prompt"));
        GenerationDefaults defaults = folder.generationDefaults();
        assertTrue(defaults.doSample());
        assertEquals(0.6f, defaults.temperature());
        assertEquals(0.9f, defaults.topP());
        assertEquals(0, defaults.topK());
        assertEquals(1, defaults.repetitionPenalty());
        assertEquals(1, defaults.eosIds().size());
        assertEquals(64, folder.fingerprint().length());
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void messagesBecomeTheReferencesTextAndIds(ReferenceModel model) {
        ModelFolder folder = ModelFolder.open(model.folder());
        JsonNode cases = model.json("chat");
        assertFalse(cases.isEmpty());
        for (JsonNode c : cases) {
            List<Map<String, Object>> messages =
                    new JsonMapper().convertValue(c.get("messages"), new TypeReference<>() {});
            String text = folder.chatTemplate()
                    .render(messages, c.get("add_generation_prompt").booleanValue());
            assertEquals(c.get("text").textValue(), text);
            assertArrayEquals(
                    ReferenceModel.ids(c.get("ids")), folder.tokenizer().encode(text, false));
        }
    }

    @Test
    void shardsHoldSeveralElementTypes() {
        assertEquals(
                Set.of(DType.F32, DType.F16),
                safetensors(ModelFolder.open(ReferenceModel.LLAMA_3_1.folder())).dtypes());
        assertEquals(
                Set.of(DType.BF16),
                safetensors(ModelFolder.open(ReferenceModel.LLAMA_3.folder())).dtypes());
    }

    @Test
    void aConvertedModelHasTheSameValues() {
        String name = "model.layers.1.mlp.up_proj.weight";
        float[] before = ModelFolder.open(ReferenceModel.LLAMA_3_2.folder())
                .weights()
                .require(name, 160, 64)
                .toFloats();
        FolderCopy copy = copy(ReferenceModel.LLAMA_3_2)
                .changeTensors(
                        "model.safetensors",
                        tensors -> tensors.map(t -> StoredTensor.of(t.name(), DType.F32, t.shape(), t.toFloats())));
        ModelWeights weights = safetensors(copy.open());
        assertEquals(Set.of(DType.F32), weights.dtypes());
        assertArrayEquals(before, weights.require(name, 160, 64).toFloats());
    }

    @Test
    void specialTokensAreTextOrObjects() {
        Map<String, String> expected = Map.of("bos_token", "<|begin_of_text|>", "eos_token", "<|eot_id|>");
        assertEquals(expected, ModelFolder.open(ReferenceModel.LLAMA_3.folder()).specialTokens());
        assertEquals(
                expected, ModelFolder.open(ReferenceModel.LLAMA_3_1.folder()).specialTokens());
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.write("special_tokens_map.json", "{\"eos_token\":\"<old>\",\"unk_token\":{\"content\":\"<u>\"}}");
        copy.change("tokenizer_config.json", json -> json.withObject("extra_special_tokens")
                .put("eoc_token", "<c>"));
        assertEquals(
                Map.of(
                        "bos_token",
                        "<|begin_of_text|>",
                        "eos_token",
                        "<|eot_id|>",
                        "unk_token",
                        "<u>",
                        "eoc_token",
                        "<c>"),
                copy.open().specialTokens());
        copy.change("tokenizer_config.json", json -> json.put("eos_token", 7));
        assertRefused(copy::open, "tokenizer_config.json", "eos_token is 7");
    }

    @Test
    void chatTemplatesMayBeNamedAndAFileWins() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.change("tokenizer_config.json", json -> {
            json.remove("chat_template");
            json.withArray("chat_template").addObject().put("name", "tool_use").put("template", "with tools");
        });
        assertEquals(Map.of("tool_use", "with tools"), copy.open().chatTemplateSources());
        assertRefused(() -> copy.open().chatTemplate(), copy.path().toString(), "no chat template", "tool_use");
        copy.change("tokenizer_config.json", json -> json.withArray("chat_template")
                .addObject()
                .put("name", "default")
                .put("template", "plain"));
        assertEquals(
                Map.of("tool_use", "with tools", "default", "plain"),
                copy.open().chatTemplateSources());
        String named = copy.open().fingerprint();
        copy.write("chat_template.jinja", "{{ bos_token }}!");
        copy.write("additional_chat_templates/rag.jinja", "with documents");
        assertEquals(
                Map.of("tool_use", "with tools", "default", "{{ bos_token }}!", "rag", "with documents"),
                copy.open().chatTemplateSources());
        assertEquals("<|begin_of_text|>!", copy.open().chatTemplate().render(List.of(), false));
        assertNotEquals(named, copy.open().fingerprint());
        copy.change("tokenizer_config.json", json -> json.put("chat_template", 7));
        assertRefused(copy::open, "chat_template is 7");
    }

    @Test
    void aFolderWithoutTemplateServesUntilChatIsAskedFor() {
        FolderCopy copy =
                copy(ReferenceModel.LLAMA_3).delete("tokenizer_config.json").delete("generation_config.json");
        ModelFolder folder = copy.open();
        assertEquals(9, folder.tokenizer().encode("Hello, world!", true).length);
        assertEquals(List.of(904), folder.generationDefaults().eosIds());
        assertFalse(folder.generationDefaults().doSample());
        assertEquals(Optional.empty(), folder.generationDefaults().maxNewTokens());
        assertRefused(folder::chatTemplate, copy.path().toString(), "no chat template", "chat_template.jinja");
        copy.write("chat_template.jinja", "{% for %}");
        assertRefused(() -> copy.open().chatTemplate(), "chat template");
    }

    @Test
    void generationDefaultsAreChecked() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.change("generation_config.json", json -> json.put("eos_token_id", 901)
                .put("top_k", 40)
                .put("repetition_penalty", 1.1)
                .put("max_new_tokens", 33));
        GenerationDefaults defaults = copy.open().generationDefaults();
        assertEquals(new GenerationDefaults(true, 0.6f, 40, 0.9f, 1.1f, Optional.of(33), List.of(901)), defaults);
        copy.change("generation_config.json", json -> json.put("temperature", "hot"));
        assertRefused(copy::open, "generation_config.json", "temperature is \"hot\"");
        copy.change("generation_config.json", json -> json.put("temperature", 1).put("eos_token_id", 5000));
        assertRefused(copy::open, "eos_token_id is 5000");
    }

    @Test
    void aMissingFileIsNamed() {
        assertRefused(() -> ModelFolder.open(temporary.resolve("nowhere")), "nowhere", "doesn't exist");
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        assertRefused(() -> ModelFolder.open(copy.path().resolve("config.json")), "config.json", "is not a folder");
        assertRefused(() -> copy.delete(SHARD).open().weights(), copy.path().toString(), SHARD + " is missing");
        assertRefused(() -> copy.delete("tokenizer.json").open().tokenizer(), "tokenizer.json is missing");
        assertRefused(
                () -> copy.delete("model.safetensors.index.json").open().weights(),
                "model.safetensors is missing",
                "index.json");
        copy.write("pytorch_model.bin", "");
        assertRefused(() -> copy.open().weights(), "pytorch_model.bin is not read");
        assertRefused(() -> copy.delete("config.json").open(), "config.json is missing");
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        byte[] shard = Files.readAllBytes(copy.path().resolve(SHARD));
        Files.write(copy.path().resolve(SHARD), Arrays.copyOf(shard, shard.length - 10));
        assertRefused(() -> copy.open().weights(), SHARD, "truncated");
        Files.write(copy.path().resolve(SHARD), new byte[0]);
        assertRefused(() -> copy.open().weights(), SHARD, "empty");
        copy.write("tokenizer.json", "{\"model\":");
        assertRefused(() -> copy.open().tokenizer(), "tokenizer.json is not JSON");
        copy.write("tokenizer.json", "[]");
        assertRefused(() -> copy.open().tokenizer(), "tokenizer.json is not a JSON object");
        Files.write(copy.path().resolve("config.json"), new byte[] {'{', (byte) 0xFF, '}'});
        assertRefused(copy::open, "config.json is not UTF-8");
        copy.write("config.json", "");
        assertRefused(copy::open, "config.json is not");
    }

    @Test
    void aWrongIndexIsRefused() {
        assertIndexRefused("weight_map is missing", map -> map.removeAll());
        assertIndexRefused("../x.safetensors", map -> map.put(K_PROJ, "../x.safetensors"));
        assertIndexRefused("not the name of a safetensors file", map -> map.put(K_PROJ, 7));
        assertIndexRefused("gone.safetensors is missing", map -> map.put(K_PROJ, "gone.safetensors"));
        assertIndexRefused("has no tensor " + K_PROJ, map -> map.put(K_PROJ, "model-00001-of-00003.safetensors"));
        assertIndexRefused("no tensor " + K_PROJ, map -> map.remove(K_PROJ));
    }

    private void assertIndexRefused(String cause, Consumer<ObjectNode> change) {
        FolderCopy copy = FolderCopy.of(
                ReferenceModel.LLAMA_3.folder(), temporary.resolve("index" + Integer.toHexString(cause.hashCode())));
        copy.change("model.safetensors.index.json", json -> change.accept(json.withObject("weight_map")));
        assertRefused(() -> copy.open().weights(), cause);
    }

    @Test
    void aTensorThatConfigDoesNotExpectIsRefused() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.change("config.json", json -> json.put("intermediate_size", 128));
        assertRefused(
                () -> copy.open().weights(), "mlp.gate_proj.weight", "[112, 48]", "[128, 48]", "config.json makes it");
        copy.change("config.json", json -> json.put("intermediate_size", 112).put("num_hidden_layers", 3));
        assertRefused(() -> copy.open().weights(), "no tensor model.layers.2.input_layernorm.weight");
        copy.change("config.json", json -> json.put("num_hidden_layers", 1));
        assertRefused(() -> copy.open().weights(), "a tensor model.layers.1.input_layernorm.weight", "leaves out");
        FolderCopy tied = copy(ReferenceModel.LLAMA_3_2);
        tied.change("config.json", json -> json.put("tie_word_embeddings", false));
        assertRefused(() -> tied.open().weights(), "no tensor lm_head.weight", "tie_word_embeddings");
        FolderCopy biased = copy(ReferenceModel.QWEN_2_5);
        biased.changeTensors(
                "model.safetensors", tensors -> tensors.filter(t -> !t.name().endsWith("1.self_attn.q_proj.bias")));
        assertRefused(() -> biased.open().weights(), "no tensor model.layers.1.self_attn.q_proj.bias");
    }

    @Test
    void aTokenizerOfAnotherModelIsRefused() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.change("tokenizer.json", json -> json.withObject("/model/vocab").put("<more>", 912));
        assertRefused(() -> copy.open().tokenizer(), "ids up to 912", "vocab_size of config.json is 912");
    }

    @Test
    void theFingerprintIsOfTheContent() throws IOException {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        String original = ModelFolder.open(ReferenceModel.LLAMA_3.folder()).fingerprint();
        assertEquals(original, copy.open().fingerprint());
        copy.write("README.md", "something else");
        assertEquals(original, copy.open().fingerprint());
        List<Path> files = copy.open().files();
        assertEquals(8, files.size());
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            byte[] changed = bytes.clone();
            changed[changed.length - 1] ^= 1;
            ModelFolder folder = copy.open();
            Files.write(file, changed);
            if (!file.endsWith("model.safetensors.index.json")) {
                assertNotEquals(original, folder.fingerprint(), file.toString());
            }
            Files.write(file, bytes);
        }
        assertEquals(original, copy.open().fingerprint());
    }

    @Test
    void theCacheKnowsUnchangedFoldersOnly() throws IOException {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        Path file = temporary.resolve("cache/fingerprints.json");
        FileFingerprintCache cache = new FileFingerprintCache(file);
        String original = copy.open().fingerprint(cache);
        assertEquals(original, copy.open().fingerprint(new FileFingerprintCache(file)));
        // What the cache says is believed, so the mark shows that it was asked.
        Files.writeString(file, Files.readString(file).replace(original, "marked"));
        assertEquals("marked", copy.open().fingerprint(cache));
        Files.setLastModifiedTime(
                copy.path().resolve("config.json"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        assertEquals(original, copy.open().fingerprint(cache));
        Files.writeString(file, "no JSON");
        assertEquals(original, copy.open().fingerprint(cache));
        assertEquals(Optional.empty(), cache.find(copy.path(), List.of()));
        assertEquals(Optional.empty(), cache.find(temporary.resolve("another"), List.of()));
    }

    @Test
    void theFingerprintBesideAModelGoesWithItAndIsOfNoOther() throws IOException {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        Path file = copy.path().resolve("fingerprint.json");
        String original = copy.open().fingerprint();
        assertEquals(original, FingerprintFile.write(copy.open()));
        assertEquals(original, copy.open().fingerprint(), "it is no part of the model");
        // What the file says is believed, so the mark shows that it was asked.
        Files.writeString(file, Files.readString(file).replace(original, "marked"));
        for (Path of : copy.open().files()) {
            Files.setLastModifiedTime(of, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        }
        assertEquals("marked", copy.open().fingerprint(new FingerprintFile()), "as after copying");
        Path home = temporary.resolve("cold/fingerprints.json");
        FingerprintCache cold = new FileFingerprintCache(home).orElse(new FingerprintFile());
        assertEquals("marked", copy.open().fingerprint(cold));
        assertEquals("marked", copy.open().fingerprint(new FileFingerprintCache(home)), "it has learned it");

        for (Path of : copy.open().files()) {
            byte[] bytes = Files.readAllBytes(of);
            byte[] changed = bytes.clone();
            if (of.toString().endsWith(".safetensors")) {
                // As training does: all numbers of all tensors, a little.
                for (int i = Math.toIntExact(8
                                + ByteBuffer.wrap(bytes)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .getLong());
                        i < changed.length;
                        i++) {
                    changed[i] ^= 1;
                }
            } else {
                changed[changed.length / 2] ^= 1;
            }
            ModelFolder folder = copy.open();
            Files.write(of, changed);
            if (!of.endsWith("model.safetensors.index.json")) {
                assertNotEquals("marked", folder.fingerprint(new FingerprintFile()), of.toString());
            }
            Files.write(of, bytes);
        }
        assertEquals("marked", copy.open().fingerprint(new FingerprintFile()));
        Files.writeString(file, "no JSON");
        assertEquals(original, copy.open().fingerprint(new FingerprintFile()));
    }

    @Test
    void anAddedTokenBeyondTheEmbeddingIsRefusedInTextsOnly() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.change("tokenizer.json", json -> {
            json.withArray("added_tokens")
                    .addObject()
                    .put("id", 912)
                    .put("content", "<pad>")
                    .put("special", true);
            json.withArray("added_tokens").addObject().put("id", 913).put("content", "<more>");
        });
        Tokenizer tokenizer = copy.open().tokenizer();
        assertEquals(914, tokenizer.vocabSize());
        assertEquals("a<pad>", tokenizer.decode(tokenizer.encodeText("a<pad>", false), true));
        assertRefused(() -> tokenizer.encode("a<pad>", false), "<pad>", "912", "0 to 911");
        assertRefused(() -> tokenizer.encodeText("a<more>", false), "<more>", "913");
    }

    @Test
    void llamasFlagsDecideTheEndsOfAText() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        assertArrayEquals(new int[] {900, 64}, copy.open().tokenizer().encode("a", true));
        copy.change("tokenizer_config.json", json -> json.put("add_bos_token", false));
        assertArrayEquals(new int[] {64}, copy.open().tokenizer().encode("a", true));
        copy.change("tokenizer_config.json", json -> json.put("add_bos_token", true)
                .put("add_eos_token", true)
                .put("tokenizer_class", "LlamaTokenizerFast"));
        assertArrayEquals(new int[] {900, 64, 904}, copy.open().tokenizer().encode("a", true));
        assertArrayEquals(new int[] {64}, copy.open().tokenizer().encode("a", false));
        copy.change("tokenizer_config.json", json -> json.put("tokenizer_class", "GPT2Tokenizer"));
        assertArrayEquals(new int[] {900, 64}, copy.open().tokenizer().encode("a", true));
        copy.change("tokenizer_config.json", json -> json.put("tokenizer_class", "LlamaTokenizer")
                .putNull("bos_token"));
        assertRefused(() -> copy.open().tokenizer(), "add_bos_token", "no bos_token");
    }

    @Test
    void filesMayBeginWithAByteOrderMark() throws IOException {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.write("chat_template.jinja", "{{ messages[0].content }}");
        for (String name : List.of(
                "config.json",
                "generation_config.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "chat_template.jinja",
                "model.safetensors.index.json")) {
            copy.write(name, "\uFEFF" + Files.readString(copy.path().resolve(name)));
        }
        ModelFolder folder = copy.open();
        assertFalse(safetensors(folder).names().isEmpty());
        assertEquals(9, folder.tokenizer().encode("Hello, world!", true).length);
        assertEquals("Hi", folder.chatTemplate().render(List.of(Map.of("role", "user", "content", "Hi")), false));
    }

    @Test
    void aHeadBesideTiedEmbeddingsHasToBeTheSame() {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        copy.change("config.json", json -> json.put("tie_word_embeddings", true));
        assertRefused(() -> copy.open().weights(), "lm_head.weight", "tie_word_embeddings");
    }

    @Test
    void aFileThatShrinksAfterwardsIsNamed() throws IOException {
        FolderCopy copy = copy(ReferenceModel.LLAMA_3);
        ModelWeights weights = safetensors(copy.open());
        Path shard = copy.path().resolve(SHARD);
        String inShard = weights.names().stream()
                .filter(name -> Safetensors.open(shard).names().contains(name))
                .findFirst()
                .orElseThrow();
        try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
            channel.truncate(64);
        }
        Map<String, int[]> shapes =
                ModelWeights.expected(ModelFolder.open(copy.path()).config());
        assertRefused(() -> weights.require(inShard, shapes.get(inShard)), SHARD, inShard, "shorter");
    }
}

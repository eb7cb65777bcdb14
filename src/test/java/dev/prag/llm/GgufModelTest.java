package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.UserException;
import dev.prag.llm.gguf.GgufTensors.Named;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.gguf.GgmlType;
import dev.prag.tensor.gguf.GgufBytes;
import dev.prag.tensor.gguf.GgufTensor;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** GGUF files of the reference models against their folders. */
class GgufModelTest {
    @TempDir
    private Path temporary;

    private ModelFolder open(GgufBytes file) {
        return ModelFolder.open(file.write(temporary.resolve("model.gguf")));
    }

    private static float[] logits(ModelFolder folder, DType compute, int[] ids) {
        try (Device device = TestDevice.CPU.open();
                Decoder decoder = Decoder.load(folder.weights(), folder.config(), device, compute, 512)) {
            return Runs.logits(decoder, ids, ids.length, Composition.NONE);
        }
    }

    private void assertRefused(GgufBytes file, String... words) {
        String message = assertThrows(UserException.class, () -> {
                    ModelFolder folder = open(file);
                    folder.tokenizer();
                    folder.weights();
                })
                .getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), word + " is not in: " + message);
        }
        assertTrue(message.contains("model.gguf"), message);
        assertTrue(message.contains("; "), "no remedy: " + message);
    }

    private static GgufBytes llama() {
        return GgufOfFolder.of(ReferenceModel.LLAMA_3_2, GgufOfFolder.F32);
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void aFileIsTheFolderItWasMadeOf(ReferenceModel model) {
        ModelFolder folder = ModelFolder.open(model.folder());
        ModelFolder file = open(GgufOfFolder.of(model, GgufOfFolder.F32));
        assertEquals(folder.config().decoderShape(), file.config().decoderShape());
        assertEquals(folder.config().headDim(), file.config().headDim());
        assertEquals(folder.config().rmsNormEps(), file.config().rmsNormEps());
        assertEquals(folder.config().tiedEmbeddings(), file.config().tiedEmbeddings());
        assertEquals(folder.config().maxPositions(), file.config().maxPositions());
        assertEquals(folder.config().bosId(), file.config().bosId());
        assertTrue(file.generationDefaults()
                .eosIds()
                .containsAll(folder.generationDefaults().eosIds().subList(0, 1)));
        assertArrayEquals(
                RopeTable.inverseFrequencies(
                        folder.config().rope(), folder.config().headDim()),
                RopeTable.inverseFrequencies(file.config().rope(), file.config().headDim()),
                1e-9f);
        assertEquals(folder.chatTemplateSources(), file.chatTemplateSources());
        int[] prompt = ReferenceModel.ids(model.json("greedy").get(0).get("prompt"));
        for (DType compute : List.of(DType.F32, DType.BF16, DType.I8)) {
            assertArrayEquals(logits(folder, compute, prompt), logits(file, compute, prompt), compute.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void textsHaveTheFoldersIds(ReferenceModel model) {
        Tokenizer folder = ModelFolder.open(model.folder()).tokenizer();
        Tokenizer file = open(GgufOfFolder.of(model, GgufOfFolder.F32)).tokenizer();
        List<String> texts =
                new ArrayList<>(List.of("", " ", "Don't stop\n\n  now 12345 Ünï e\u0301 日本語 <|im_end|><|eot_id|>"));
        for (JsonNode chat : model.json("chat")) {
            texts.add(chat.get("text").textValue());
        }
        for (String text : texts) {
            for (boolean special : List.of(false, true)) {
                int[] ids = folder.encode(text, special);
                assertArrayEquals(ids, file.encode(text, special), text);
                assertArrayEquals(folder.encodeText(text, special), file.encodeText(text, special), text);
                assertEquals(folder.decode(ids, false), file.decode(ids, false));
                assertEquals(folder.decode(ids, true), file.decode(ids, true));
            }
        }
    }

    @Test
    void quantisedMatricesAreTheirDequantisedValues() {
        ModelFolder file = open(GgufOfFolder.of(ReferenceModel.LLAMA_3_2, GgufOfFolder.Q8_0));
        FolderCopy copy = FolderCopy.of(ReferenceModel.LLAMA_3_2.folder(), temporary.resolve("copy"))
                .changeTensors(
                        "model.safetensors",
                        tensors -> tensors.map(tensor -> StoredTensor.of(
                                tensor.name(),
                                DType.F32,
                                tensor.shape(),
                                tensor.shape().length == 1 ? tensor.toFloats() : rounded(tensor.toFloats()))));
        int[] prompt = {900, 1, 2, 3, 40, 50, 600};
        assertEquals("q8_0", file.weights().storedType("model.layers.0.self_attn.q_proj.weight", 64, 64));
        for (DType compute : List.of(DType.F32, DType.BF16, DType.I8)) {
            float[] expected = logits(copy.open(), compute, prompt);
            assertArrayEquals(expected, logits(file, compute, prompt), compute.toString());
        }
    }

    /** Through blocks of eight bits and back. */
    private static float[] rounded(float[] values) {
        ByteBuffer blocks = ByteBuffer.wrap(GgufBytes.q8(values)).order(ByteOrder.LITTLE_ENDIAN);
        float[] rounded = new float[values.length];
        for (int at = 0; at < values.length; at += 32) {
            float scale = Float.float16ToFloat(blocks.getShort());
            for (int i = 0; i < 32; i++) {
                rounded[at + i] = scale * blocks.get();
            }
        }
        return rounded;
    }

    @Test
    void anEmbeddingThatIsHeldTwiceIsOneMatrixAndTheFinerCopyIsIt() {
        StoredTensor embedding = ModelFolder.open(ReferenceModel.LLAMA_3_2.folder())
                .weights()
                .require("model.embed_tokens.weight", 912, 64);
        GgufBytes coarse = GgufOfFolder.of(ReferenceModel.LLAMA_3_2, GgufOfFolder.Q8_0)
                .floats("output.weight", embedding.toFloats(), 912, 64);
        ModelFolder file = open(coarse);
        assertTrue(file.config().tiedEmbeddings());
        assertArrayEquals(
                embedding.toFloats(),
                file.weights().require("model.embed_tokens.weight", 912, 64).toFloats());
        float[] other = embedding.toFloats();
        for (int i = 0; i < other.length; i++) {
            other[i] = -other[i];
        }
        ModelFolder apart = open(llama().floats("output.weight", other, 912, 64));
        assertEquals(false, apart.config().tiedEmbeddings());
        assertArrayEquals(
                other, apart.weights().require("lm_head.weight", 912, 64).toFloats());
    }

    @Test
    void matricesThatAreNotQuantisedStayWhereTheyAre() {
        ModelFolder file = open(GgufOfFolder.of(ReferenceModel.QWEN_2_5, GgufOfFolder.F16));
        StoredTensor tensor = file.weights().require("model.layers.0.self_attn.q_proj.weight", 72, 72);
        assertEquals(DType.F16, tensor.dtype());
        assertTrue(tensor.data().isMapped());
        assertEquals(
                Set.of("model.gguf"),
                Set.copyOf(file.files().stream()
                        .map(path -> path.getFileName().toString())
                        .toList()));
    }

    @Test
    void aTextBeginsAndEndsAsTheFileSays() {
        String text = "Hello";
        int[] plain = open(llama().put("tokenizer.ggml.add_bos_token", false))
                .tokenizer()
                .encode(text, true);
        int[] begun = open(llama()).tokenizer().encode(text, true);
        int[] both = open(llama().put("tokenizer.ggml.add_eos_token", true))
                .tokenizer()
                .encode(text, true);
        assertEquals(plain.length + 1, begun.length);
        assertEquals(900, begun[0]);
        assertEquals(plain.length + 2, both.length);
        assertEquals(904, both[both.length - 1]);
        assertRefused(
                llama().remove("tokenizer.ggml.bos_token_id").put("tokenizer.ggml.add_bos_token", true),
                "add_bos_token",
                "bos_token_id");
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void textIsCutByTheKindThatIsNamed(Cut cut) {
        GgufBytes file = llama().put("tokenizer.ggml.pre", cut.name).put("tokenizer.ggml.merges", List.of());
        JsonFile json =
                GgufFiles.open(file.write(temporary.resolve("model.gguf"))).need("tokenizer.json");
        List<String> pieces = new ArrayList<>();
        TokenizerReader.read(json, TokenizerSettings.NONE).preTokenizer().split("It's 12345 (ab!!) \n x", pieces::add);
        assertEquals(cut.pieces, pieces);
    }

    /** Where llama.cpp's expressions of each kind cut a text. */
    enum Cut {
        LLAMA("llama-bpe", "It", "'s", " ", "123", "45", " (", "ab", "!!)", " \n", " x"),
        QWEN("qwen2", "It", "'s", " ", "1", "2", "3", "4", "5", " (", "ab", "!!)", " \n", " x"),
        SMOLLM("smollm", "It", "'s", " ", "1", "2", "3", "4", "5", " (", "ab", "!!)", " \n", " x"),
        GPT_2("gpt-2", "It", "'s", " 12345", " (", "ab", "!!)", " \n", " x"),
        DEFAULT("default", "It", "'", "s", " ", "123", "45", " ", "(", "ab", "!!)", " \n", " x");

        private final String name;
        private final List<String> pieces;

        Cut(String name, String... pieces) {
            this.name = name;
            this.pieces = List.of(pieces);
        }
    }

    @Test
    void addedTokensThatDontFollowTheVocabularyStandInItToo() {
        JsonNode following = files(llama()).need("tokenizer.json").get("model").get("vocab");
        assertEquals(900, following.size());
        List<Integer> kinds = new ArrayList<>();
        for (int id = 0; id < 912; id++) {
            kinds.add(id == 300 || id >= 900 && id < 905 ? 3 : id < 900 ? 1 : 5);
        }
        JsonFile within = files(llama().put("tokenizer.ggml.token_type", kinds)).need("tokenizer.json");
        assertEquals(905, within.get("model").get("vocab").size());
        assertEquals(300, within.get("added_tokens").get(0).get("id").intValue());
    }

    private GgufFiles files(GgufBytes file) {
        return GgufFiles.open(file.write(temporary.resolve("model.gguf")));
    }

    @Test
    void halvesOfHeadsThatTakeTurnsComeBackInTheirOrder() {
        float[] turned = {0, 2, 1, 3, 4, 6, 5, 7};
        MemorySegment data = MemorySegment.ofArray(GgufBytes.f32(turned));
        Named bias = new Named(new GgufTensor("f", "b", GgmlType.F32, new int[] {8}, data), 4);
        assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, bias.row(0));
        Named matrix = new Named(new GgufTensor("f", "m", GgmlType.F32, new int[] {8, 1}, data), 4);
        for (int row = 0; row < 8; row++) {
            assertArrayEquals(new float[] {row}, matrix.row(row));
        }
        Named inOrder = new Named(new GgufTensor("f", "b", GgmlType.F32, new int[] {8}, data), 0);
        assertArrayEquals(turned, inOrder.row(0));
    }

    @Test
    void templatesHaveNames() {
        ModelFolder file = open(llama().put("tokenizer.chat_templates", List.of("rag", "gone"))
                .put("tokenizer.chat_template.rag", "{{ messages }}"));
        assertEquals(Set.of("default", "rag"), file.chatTemplateSources().keySet());
        assertEquals(Map.of(), open(llama().remove("tokenizer.chat_template")).chatTemplateSources());
    }

    @Test
    void whatIsNotSupportedIsNamed() {
        assertRefused(llama().put("general.architecture", "gemma3"), "architecture gemma3", "llama", "qwen2");
        assertRefused(llama().remove("general.architecture"), "general.architecture");
        assertRefused(llama().put("tokenizer.ggml.model", "t5"), "SentencePiece", "gpt2", "t5");
        assertRefused(llama().put("tokenizer.ggml.model", "llama"), "tokenizer.ggml.scores");
        assertRefused(
                llama().put("tokenizer.ggml.model", "llama").put("tokenizer.ggml.scores", List.of(1f, 2f)),
                "tokenizer.ggml.scores",
                "912");
        assertRefused(llama().put("tokenizer.ggml.pre", "tekken"), "tekken", "tokenizer.ggml.pre");
        assertRefused(llama().put("llama.expert_count", 8), "llama.expert_count", "mixture of experts");
        assertRefused(llama().put("llama.rope.scaling.type", "yarn"), "yarn", "rope_type");
        assertRefused(llama().put("llama.rope.dimension_count", 8), "rope.dimension_count", "16");
        assertRefused(llama().put("llama.attention.head_count", List.of(4, 4, 4)), "head_count", "whole number");
        assertRefused(llama().put("llama.attention.head_count", 0), "head_count", "at least 1");
        assertRefused(llama().remove("llama.block_count"), "llama.block_count");
        assertRefused(llama().put("llama.block_count", 4), "model.layers.3");
        assertRefused(llama().put("llama.block_count", 2), "blk.2.", "no use for");
        assertRefused(llama().put("llama.feed_forward_length", 96), "ffn_gate", "[160, 64]", "[96, 64]");
        assertRefused(llama().without("output_norm.weight"), "model.norm.weight");
        assertRefused(llama().without("token_embd.weight"), "token_embd.weight");
        assertRefused(llama().floats("blk.0.attn_q_norm.weight", new float[16], 16), "attn_q_norm");
        assertRefused(
                llama().without("blk.1.ffn_up.weight")
                        .tensor("blk.1.ffn_up.weight", GgmlType.I16, new byte[160 * 64 * 2], 160, 64),
                "blk.1.ffn_up.weight",
                "I16",
                "Q4_K");
        assertRefused(
                llama().without("rope_freqs.weight")
                        .floats("rope_freqs.weight", new float[] {1, 1, 1, 1, 2, 3, 4, 5}, 8),
                "rope_freqs.weight",
                "Llama 3.1");
        assertRefused(
                llama().without("rope_freqs.weight").floats("rope_freqs.weight", new float[4], 4),
                "rope_freqs.weight",
                "[4]");
        assertRefused(llama().put("tokenizer.ggml.token_type", List.of(1, 1)), "token_type", "912");
        assertRefused(
                llama().put("tokenizer.ggml.tokens", List.of("a", "a"))
                        .put("tokenizer.ggml.token_type", List.of(1, 1))
                        .remove("tokenizer.ggml.bos_token_id")
                        .remove("tokenizer.ggml.eos_token_id"),
                "token a",
                "two ids");
        assertRefused(llama().put("tokenizer.ggml.eos_token_id", 5000), "eos_token_id", "912");
    }

    @Test
    void anIdIsTheContents() throws IOException {
        Path one = llama().write(temporary.resolve("one.gguf"));
        Path other = llama().write(temporary.resolve("other.gguf"));
        String fingerprint = ModelFolder.open(one).fingerprint();
        assertEquals(64, fingerprint.length());
        assertEquals(fingerprint, ModelFolder.open(other).fingerprint(), "the name of the file is no part of it");
        assertNotEquals(
                fingerprint, ModelFolder.open(ReferenceModel.LLAMA_3_2.folder()).fingerprint());

        FingerprintCache cache = new FileFingerprintCache(temporary.resolve("cache.json"));
        assertEquals(fingerprint, ModelFolder.open(one).fingerprint(cache));
        assertNotEquals(
                fingerprint, open(llama().put("general.name", "another")).fingerprint(cache));

        assertEquals(fingerprint, FingerprintFile.write(ModelFolder.open(one)));
        Path note = temporary.resolve("one.gguf.fingerprint.json");
        Files.writeString(note, Files.readString(note).replace(fingerprint, "noted"));
        assertEquals("noted", ModelFolder.open(one).fingerprint(new FingerprintFile()));
        llama().put("general.name", "another").write(one);
        assertNotEquals("noted", ModelFolder.open(one).fingerprint(new FingerprintFile()));
    }

    @Test
    void aFileOfAnotherNameIsNotTakenForAModel() throws IOException {
        Path text = Files.writeString(temporary.resolve("model.txt"), "text");
        String message =
                assertThrows(UserException.class, () -> ModelFolder.open(text)).getMessage();
        assertTrue(message.contains("is not a folder") && message.contains("*.gguf"), message);
    }
}

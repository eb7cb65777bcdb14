package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What make_sentencepiece.py made, by sentencepiece and transformers, against the tokenizer. */
class SentencePieceTest {
    private static final Path MADE = Path.of("src/test/resources/sentencepiece");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Tokenizer folder(String form) {
        return changed(form, json -> {});
    }

    private static Tokenizer changed(String form, Consumer<ObjectNode> change) {
        ObjectNode json = (ObjectNode) ReferenceModel.json(MADE.resolve(form + ".json"));
        change.accept(json);
        return Tokenizer.read(new JsonFile("tokenizer.json", json), TokenizerSettings.NONE);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ModelFolder gguf() {
        return ModelFolder.open(MADE.resolve("bpe.gguf"));
    }

    private static JsonNode vectors() {
        return ReferenceModel.json(MADE.resolve("vectors.json"));
    }

    private static String streamed(StreamDecoder decoder, int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.push(id));
        }
        return text.append(decoder.finish()).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "metaspace"})
    void agreesWithTransformers(String form) {
        Tokenizer tokenizer = folder(form);
        assertEquals(61, vectors().size());
        for (JsonNode vector : vectors()) {
            String text = vector.get("text").textValue();
            int[] ids = ReferenceModel.ids(vector.get(form));
            assertArrayEquals(ids, tokenizer.encode(text, false), text);
            String back = vector.get(form + "_text").textValue();
            assertEquals(back, tokenizer.decode(ids, false), text);
            assertEquals(back, streamed(tokenizer.stream(false), ids), text);
        }
    }

    @Test
    void aGgufFileAgreesWithSentencePieceAndWithTransformersLegacyForm() {
        Tokenizer tokenizer = gguf().tokenizer();
        int compared = 0;
        for (JsonNode vector : vectors()) {
            String text = vector.get("text").textValue();
            int[] ids = ReferenceModel.ids(vector.get("legacy"));
            assertArrayEquals(ids, tokenizer.encode(text, false), text);
            assertEquals(vector.get("legacy_text").textValue(), tokenizer.decode(ids, false));
            if (vector.has("sentencepiece")) {
                assertArrayEquals(ReferenceModel.ids(vector.get("sentencepiece")), tokenizer.encode(text, false), text);
                compared++;
            }
        }
        assertEquals(48, compared);
        int[] begun = tokenizer.encode("Hello", true);
        assertEquals(1, begun[0]);
        assertArrayEquals(tokenizer.encode("Hello", false), Arrays.copyOfRange(begun, 1, begun.length));
    }

    @Test
    void aGgufFilesTokenizerJsonIsTransformers() {
        JsonNode made =
                GgufFiles.open(MADE.resolve("bpe.gguf")).need("tokenizer.json").root();
        JsonNode legacy = ReferenceModel.json(MADE.resolve("legacy.json"));
        for (String part : List.of("normalizer", "pre_tokenizer", "decoder", "model")) {
            assertEquals(legacy.get(part), made.get(part), part);
        }
        assertEquals(legacy.get("added_tokens").size(), made.get("added_tokens").size());
    }

    private static String randomText(Random random) {
        String[] parts = {
            " ",
            "  ",
            "\n",
            "\t",
            "▁",
            "the",
            " The",
            "Stockholm",
            "é",
            "ž",
            "你好",
            "🙂",
            "\u0301",
            "1994",
            "<0x0A>",
            "x"
        };
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(12); n > 0; n--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    @Test
    void decodingUndoesEncoding() {
        Tokenizer tokenizer = gguf().tokenizer();
        Random random = new Random(4);
        for (int i = 0; i < 2000; i++) {
            String text = randomText(random);
            int[] ids = tokenizer.encode(text, false);
            String spaced = text.replace('▁', ' ');
            assertEquals(spaced, tokenizer.decode(ids, false));
            assertEquals(spaced, streamed(tokenizer.stream(false), ids));
            int[] following = tokenizer.encodeFollowing(text);
            assertEquals(spaced, streamed(tokenizer.streamFollowing(false), following));
        }
    }

    @Test
    void anyIdsStreamAsTheyDecode() {
        Tokenizer tokenizer = gguf().tokenizer();
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            int[] ids = random.ints(1 + random.nextInt(8), -1, 300).toArray();
            assertEquals(tokenizer.decode(ids, false), streamed(tokenizer.stream(false), ids));
        }
    }

    @Test
    void tokensAreBytesAndSpaces() {
        Tokenizer tokenizer = gguf().tokenizer();
        assertArrayEquals(
                new byte[] {10}, tokenizer.bytes(tokenizer.id("<0x0A>").orElseThrow()));
        assertArrayEquals(
                new byte[] {(byte) 0xFF}, tokenizer.bytes(tokenizer.id("<0xFF>").orElseThrow()));
        assertArrayEquals(
                " The".getBytes(StandardCharsets.UTF_8),
                tokenizer.bytes(tokenizer.id("▁The").orElseThrow()));
        assertArrayEquals(
                "<|user|>".getBytes(StandardCharsets.UTF_8),
                tokenizer.bytes(tokenizer.id("<|user|>").orElseThrow()));
        assertTrue(tokenizer.isSpecial(tokenizer.id("<unk>").orElseThrow()));
        assertFalse(tokenizer.isSpecial(tokenizer.id("<|user|>").orElseThrow()));
        assertFalse(tokenizer.isSpecial(tokenizer.id("<0x0A>").orElseThrow()));
        int[] smile = ids(tokenizer, "<0xF0>", "<0x9F>", "<0x99>", "<0x82>");
        assertEquals("🙂", tokenizer.decode(smile, false));
        assertEquals("\uFFFDThe", tokenizer.decode(ids(tokenizer, "<0xF0>", "<0x9F>", "T", "h", "e"), false));
        StreamDecoder stream = tokenizer.stream(false);
        assertEquals("", stream.push(smile[0]) + stream.push(smile[1]) + stream.push(smile[2]));
        assertEquals("🙂", stream.push(smile[3]));
    }

    private static int[] ids(Tokenizer tokenizer, String... tokens) {
        return Stream.of(tokens)
                .mapToInt(token -> tokenizer.id(token).orElseThrow())
                .toArray();
    }

    @Test
    void specialTokensInContentAreText() {
        for (Tokenizer tokenizer : List.of(gguf().tokenizer(), folder("legacy"), folder("metaspace"))) {
            int[] ids = tokenizer.encodeText("a</s>b", false);
            assertEquals("a</s>b", tokenizer.decode(ids, true));
            assertTrue(Arrays.stream(ids).noneMatch(tokenizer::isSpecial));
        }
    }

    /** As in LLaMA 2's own file, whose special tokens are looked for in normalised text, so behind a space alone. */
    @Test
    void specialTokensOfNormalisedTextDontComeOfContent() {
        Tokenizer tokenizer = changed("legacy", json -> json.withArray("added_tokens")
                .forEach(token -> ((ObjectNode) token).put("normalized", true)));
        assertArrayEquals(new int[] {2}, tokenizer.encode("</s>", false));
        String prompt = "hi </s>";
        assertEquals(2, tokenizer.encode(PromptText.of(prompt))[1 + tokenizer.encode("hi", false).length - 1]);
        int[] breaks = Arrays.stream(tokenizer.breaks("</s>")).map(at -> at + 3).toArray();
        int[] content = tokenizer.encode(new PromptText(prompt, breaks));
        assertTrue(Arrays.stream(content).noneMatch(tokenizer::isSpecial), Arrays.toString(content));
        assertEquals(prompt, tokenizer.decode(content, true));
    }

    @Test
    void longTextsTakeLittleTime() {
        Tokenizer tokenizer = gguf().tokenizer();
        for (String unit : List.of("a", " ", "▁", "\n", "ab", "中", "The quick brown fox, 1234. ", "🙂")) {
            String text = unit.repeat(200_000 / unit.length());
            assertEquals(text.replace('▁', ' '), tokenizer.decode(tokenizer.encode(text, false), false));
        }
    }

    /** What tokenizers 0.20 makes of a vocabulary that lacks characters and some bytes. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', textBlock = """
        ~'fuse_unk':true~,                       axxb,  1 0 2
        ~'fuse_unk':false~,                      axxb,  1 0 0 2
        ~'fuse_unk':true,'byte_fallback':true~,  axyb,  1 4 0 2
        ~'fuse_unk':true,'byte_fallback':true~,  ayxb,  1 4 0 2
        ~'fuse_unk':true,'byte_fallback':true~,  aéb,   1 0 2
        """)
    void charactersThatTheVocabularyLacks(String options, String text, String expected) {
        Tokenizer tokenizer = changed("legacy", json -> {
            json.putArray("added_tokens");
            json.putNull("post_processor");
            json.putNull("normalizer");
            json.set(
                    "model",
                    json("{'type':'BPE','vocab':{'<unk>':0,'a':1,'b':2,'ab':3,'<0x78>':4},'merges':['a b'],"
                            + "'unk_token':'<unk>'," + options + "}"));
        });
        int[] ids = Stream.of(expected.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertArrayEquals(ids, tokenizer.encode(text, false));
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of("{'type':'Metaspace','replacement':'▁','add_prefix_space':true}", "always, split"),
                Arguments.of("{'type':'Metaspace','replacement':'▁','prepend_scheme':'never','split':false}", "never"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void spacesBecomeMarksAsTheFormSays(String form, String name) {
        Tokenizer tokenizer = changed("metaspace", json -> json.set("pre_tokenizer", json(form)));
        int[] ids = tokenizer.encode("the<s>the", false);
        String[] expected =
                name.equals("never") ? new String[] {"the", "<s>", "the"} : new String[] {"▁the", "<s>", "▁the"};
        assertArrayEquals(ids(tokenizer, expected), ids);
        String[] after = name.equals("never") ? new String[] {"the"} : new String[] {"▁the"};
        assertArrayEquals(ids(tokenizer, after), tokenizer.encode("the", false));
        assertArrayEquals(ids(tokenizer, "the"), tokenizer.encodeFollowing("the"));
    }

    /** The normalizer that transformers 5 writes for other models of SentencePiece. */
    @Test
    void replacementsMayBeRegularExpressions() {
        Tokenizer tokenizer = changed("metaspace", json -> {
            json.set(
                    "normalizer",
                    json("{'type':'Sequence','normalizers':[{'type':'Replace','pattern':{'String':' '},'content':'▁'},"
                            + "{'type':'Replace','pattern':{'Regex':'\\\\A▁'},'content':'▁▁'}]}"));
            json.withObject("pre_tokenizer").put("prepend_scheme", "always");
        });
        Tokenizer legacy = folder("legacy");
        for (JsonNode vector : vectors()) {
            String text = vector.get("text").textValue();
            assertArrayEquals(legacy.encode(text, false), tokenizer.encode(text, false), text);
        }
        assertArrayEquals(legacy.encodeFollowing(" the"), tokenizer.encodeFollowing(" the"));
    }

    static Stream<Arguments> unsupported() {
        return Stream.of(
                refusal("Precompiled", t -> t.set("normalizer", json("{'type':'Precompiled'}"))),
                refusal("Prepend", t -> t.set("normalizer", json("{'type':'Prepend'}"))),
                refusal(
                        "expression (x of",
                        t -> t.set("normalizer", json("{'type':'Replace','pattern':{'Regex':'(x'},'content':''}"))),
                refusal(
                        "sometimes",
                        t -> t.set(
                                "pre_tokenizer",
                                json("{'type':'Metaspace','replacement':'▁','prepend_scheme':'sometimes'}"))),
                refusal("replacement", t -> t.set("pre_tokenizer", json("{'type':'Metaspace'}"))),
                refusal(
                        "Metaspace behind others",
                        t -> t.set(
                                "pre_tokenizer",
                                json(
                                        "{'type':'Sequence','pretokenizers':[{'type':'Digits'},{'type':'Metaspace','replacement':'▁'}]}"))),
                refusal(
                        "Strip",
                        t -> t.withObject("decoder").withArray("decoders").remove(2)),
                refusal(
                        "Fuse",
                        t -> t.withObject("decoder").withArray("decoders").insert(0, json("{'type':'Fuse'}"))),
                refusal("decoder Metaspace", t -> t.set("decoder", json("{'type':'Metaspace'}"))),
                refusal("unk_token is <u>", t -> t.withObject("model").put("unk_token", "<u>")));
    }

    private static Arguments refusal(String word, Consumer<ObjectNode> change) {
        return Arguments.of(word, change);
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void whatIsNotSupportedIsRefusedByName(String word, Consumer<ObjectNode> change) {
        UserException e = assertThrows(UserException.class, () -> changed("legacy", change));
        assertTrue(e.getMessage().replace('"', '\'').contains(word), e.getMessage());
        assertTrue(e.getMessage().contains("; "), e.getMessage());
    }

    @Test
    void theChatTemplateAndTheEndsOfATextComeFromTheMetadata() {
        ModelFolder folder = gguf();
        assertEquals(List.of(2), folder.generationDefaults().eosIds());
        assertEquals(1, folder.config().bosId().orElseThrow());
        assertEquals(Set.of("default"), folder.chatTemplateSources().keySet());
    }
}

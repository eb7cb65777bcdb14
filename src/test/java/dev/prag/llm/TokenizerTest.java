package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizerTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path DEMO = Path.of("src/main/demo/model");

    private static Tokenizer tokenizer(ReferenceModel model) {
        return ModelFolder.open(model.folder()).tokenizer();
    }

    /** The tokenizer of the Qwen reference model, changed. */
    private static Tokenizer changed(Consumer<ObjectNode> change) {
        try {
            Path file = ReferenceModel.QWEN_2_5.folder().resolve("tokenizer.json");
            ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
            change.accept(json);
            return Tokenizer.read(new JsonFile("tokenizer.json", json), TokenizerSettings.NONE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void agreesWithTheReference(ReferenceModel model) {
        Tokenizer tokenizer = tokenizer(model);
        JsonNode cases = model.json("tokenize");
        assertEquals(30, cases.size());
        for (JsonNode c : cases) {
            String text = c.get("text").textValue();
            int[] ids = ReferenceModel.ids(c.get("ids"));
            assertArrayEquals(ids, tokenizer.encode(text, false), text);
            assertArrayEquals(ReferenceModel.ids(c.get("ids_with_special")), tokenizer.encode(text, true), text);
            assertEquals(c.get("decoded").textValue(), tokenizer.decode(ids, true));
        }
    }

    @Test
    void agreesWithTheDemoModelsSamples() {
        Tokenizer tokenizer = ModelFolder.open(DEMO).tokenizer();
        JsonNode golden = ReferenceModel.json(Path.of("src/test/resources/demo/golden-samples.json"));
        JsonNode samples = golden.get("samples");
        assertTrue(samples.size() > 10);
        for (JsonNode sample : samples) {
            int[] ids = ReferenceModel.ids(sample.isArray() ? sample : sample.get("ids"));
            String text = tokenizer.decode(ids, false);
            assertTrue(text.startsWith("<|im_start|>user\n"), text);
            assertArrayEquals(ids, tokenizer.encode(text, false));
        }
    }

    static Stream<Arguments> withoutNormalizer() {
        return Stream.of(
                Arguments.of(ReferenceModel.LLAMA_3.folder()),
                Arguments.of(ReferenceModel.LLAMA_3_2.folder()),
                Arguments.of(DEMO));
    }

    @ParameterizedTest
    @MethodSource("withoutNormalizer")
    void decodingUndoesEncoding(Path folder) {
        Tokenizer tokenizer = ModelFolder.open(folder).tokenizer();
        Random random = new Random(11);
        for (int i = 0; i < 2000; i++) {
            String text = randomText(random);
            int[] ids = tokenizer.encode(text, false);
            assertEquals(text, tokenizer.decode(ids, false));
            assertEquals(text, streamed(tokenizer, ids));
        }
    }

    private static String randomText(Random random) {
        int[] bounds = {0x80, 0x400, 0x3000, 0xD800, 0x20000, 0x110000};
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(40); n >= 0; n--) {
            int c = random.nextInt(bounds[random.nextInt(bounds.length)]);
            text.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? ' ' : c);
        }
        return text.toString();
    }

    private static String streamed(Tokenizer tokenizer, int[] ids) {
        StreamDecoder decoder = tokenizer.stream(false);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String piece = decoder.push(id);
            assertFalse(!piece.isEmpty() && Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
            text.append(piece);
        }
        return text.append(decoder.finish()).toString();
    }

    @Test
    void anyIdsStreamAsTheyDecode() {
        Tokenizer tokenizer = tokenizer(ReferenceModel.LLAMA_3);
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            int[] ids = random.ints(1 + random.nextInt(8), 0, tokenizer.vocabSize() + 20)
                    .toArray();
            assertEquals(tokenizer.decode(ids, false), streamed(tokenizer, ids));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "C3 A9, é",
        "C3 28, \uFFFD(",
        "E4 B8, \uFFFD",
        "E4 B8 41, \uFFFDA",
        "F0 9F 98 80, 😀",
        "F0 9F 98, \uFFFD",
        "F0 80 80, \uFFFD\uFFFD\uFFFD",
        "ED A0 80, \uFFFD\uFFFD\uFFFD",
        "F4 90 80 80, \uFFFD\uFFFD\uFFFD\uFFFD",
        "C0 80, \uFFFD\uFFFD",
        "80 41 FF, \uFFFDA\uFFFD",
        "E0 9F BF, \uFFFD\uFFFD\uFFFD",
        "E4 C3 A9, \uFFFDé"
    })
    void invalidUtf8GivesReplacementCharacters(String hex, String expected) {
        Tokenizer tokenizer = tokenizer(ReferenceModel.LLAMA_3);
        int[] ids = Stream.of(hex.split(" "))
                .map(b -> String.valueOf(ByteAlphabet.character(Integer.parseInt(b, 16))))
                .mapToInt(token -> tokenizer.id(token).orElseThrow())
                .toArray();
        assertEquals(expected, tokenizer.decode(ids, false));
        assertEquals(expected, streamed(tokenizer, ids));
    }

    @Test
    void specialTokensAreKnownAndCanBeLeftOut() {
        Tokenizer tokenizer = tokenizer(ReferenceModel.QWEN_2_5);
        int[] ids = tokenizer.encode("<|im_start|>a<tool_call>b<|im_end|>", false);
        assertEquals("<|im_start|>a<tool_call>b<|im_end|>", tokenizer.decode(ids, false));
        assertEquals("a<tool_call>b", tokenizer.decode(ids, true));
        assertTrue(tokenizer.isSpecial(tokenizer.id("<|im_end|>").orElseThrow()));
        assertFalse(tokenizer.isSpecial(tokenizer.id("<tool_call>").orElseThrow()));
        assertTrue(tokenizer.id("no such token").isEmpty());
    }

    @Test
    void idsWithoutATokenDecodeToNothing() {
        Tokenizer tokenizer = tokenizer(ReferenceModel.QWEN_2_5);
        assertEquals(904, tokenizer.vocabSize());
        assertTrue(tokenizer.known(903));
        for (int id : new int[] {904, 911, -1, Integer.MAX_VALUE}) {
            assertFalse(tokenizer.known(id));
            assertFalse(tokenizer.isSpecial(id));
            assertEquals("", tokenizer.decode(new int[] {id}, false));
            assertEquals(0, tokenizer.bytes(id).length);
        }
        assertArrayEquals(" ".getBytes(StandardCharsets.UTF_8), tokenizer.bytes(220));
    }

    @Test
    void unpairedSurrogatesCountAsReplacementCharacters() {
        Tokenizer tokenizer = tokenizer(ReferenceModel.LLAMA_3);
        assertArrayEquals(tokenizer.encode("a\uFFFDb", false), tokenizer.encode("a\uD83Db", false));
        assertArrayEquals(tokenizer.encode("\uFFFD\uFFFD", false), tokenizer.encode("\uDE00\uD83D", false));
    }

    @Test
    void textIsNormalisedButTokensInItAreNot() {
        Tokenizer tokenizer = tokenizer(ReferenceModel.QWEN_2_5);
        assertArrayEquals(tokenizer.encode("caf\u00E9", false), tokenizer.encode("cafe\u0301", false));
    }

    @Test
    void longTextsTakeLittleTime() {
        for (ReferenceModel model : ReferenceModel.values()) {
            Tokenizer tokenizer = tokenizer(model);
            for (String unit : List.of("a", " ", "\n", "The quick brown fox, 1234. ", "ab", "中", "!?")) {
                String text = unit.repeat(200_000 / unit.length());
                int[] ids = assertTimeout(Duration.ofSeconds(20), () -> tokenizer.encode(text, false));
                assertEquals(text, tokenizer.decode(ids, false));
            }
        }
    }

    /** Added tokens with each option, and what tokenizers 0.23 makes of them. */
    @Test
    void addedTokensTakeSpacesAndRespectWords() {
        Tokenizer tokenizer = changed(json -> {
            addToken(json, 904, "[L]", "lstrip");
            addToken(json, 905, "[R]", "rstrip");
            addToken(json, 906, "word", "single_word");
            addToken(json, 907, "\u00E9\u00E9", "normalized");
            addToken(json, 908, "[L]2", "special");
        });
        assertEquals("a|904|b", cut(tokenizer, "a \n [L]b"));
        assertEquals("a |905|b", cut(tokenizer, "a [R]\u00A0\t b"));
        assertEquals("908", cut(tokenizer, "[L]2"));
        assertEquals("words, sword |906", cut(tokenizer, "words, sword word"));
        assertEquals("907", cut(tokenizer, "e\u0301e\u0301"));
    }

    private static void addToken(ObjectNode json, int id, String content, String option) {
        json.withArray("added_tokens")
                .addObject()
                .put("id", id)
                .put("content", content)
                .put(option, true);
    }

    /** The text with the added tokens from 904 on as numbers, between bars. */
    private static String cut(Tokenizer tokenizer, String text) {
        List<String> parts = new ArrayList<>();
        List<Integer> plain = new ArrayList<>();
        for (int id : tokenizer.encode(text, false)) {
            if (id < 904) {
                plain.add(id);
                continue;
            }
            flush(tokenizer, plain, parts);
            parts.add(String.valueOf(id));
        }
        flush(tokenizer, plain, parts);
        return String.join("|", parts);
    }

    private static void flush(Tokenizer tokenizer, List<Integer> plain, List<String> parts) {
        if (!plain.isEmpty()) {
            parts.add(tokenizer.decode(plain.stream().mapToInt(i -> i).toArray(), false));
            plain.clear();
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', textBlock = """
        ISOLATED,             false, ab| |c| | |d
        ISOLATED,             true,  ab| |c| | |d
        REMOVED,              false, ab|c|d
        REMOVED,              true,  ~ | | ~
        MERGED_WITH_PREVIOUS, false, ab |c | |d
        MERGED_WITH_PREVIOUS, true,  ab| c| | d
        MERGED_WITH_NEXT,     false, ab| c| | d
        MERGED_WITH_NEXT,     true,  ab |c | |d
        CONTIGUOUS,           false, ab| |c|  |d
        """)
    void splitsArrangeTheirMatches(PreTokenizer.Behavior behavior, boolean invert, String expected) {
        List<String> pieces = new ArrayList<>();
        new PreTokenizer.Split(Oniguruma.compile("\\s"), behavior, invert).split("ab c  d", pieces::add);
        assertEquals(expected, String.join("|", pieces));
    }

    @Test
    void regularExpressionsMeanWhatTheyMeanInOniguruma() {
        assertTrue(Oniguruma.compile("^\\s$").matcher("\u0085").matches());
        assertTrue(Oniguruma.compile("\\p{Han}+").matcher("中文").matches());
        assertTrue(Oniguruma.compile("\\p{^L}").matcher("1").matches());
        assertFalse(Oniguruma.compile("\\P{L}").matcher("é").matches());
        assertTrue(Oniguruma.compile("(?i:'s)").matcher("'\u017F").matches());
        assertEquals(2, Oniguruma.compile("^.").matcher("a\nb").results().count());
    }

    static Stream<Arguments> unsupported() {
        return Stream.of(
                refusal("WordPiece", t -> t.withObject("model").put("type", "WordPiece")),
                refusal("dropout", t -> t.withObject("model").put("dropout", 0.1)),
                refusal("byte_fallback", t -> t.withObject("model").put("byte_fallback", true)),
                refusal("</w>", t -> t.withObject("model").put("end_of_word_suffix", "</w>")),
                refusal("no token for any byte", t -> t.set("model", json("{'vocab':{'ab':0},'merges':[]}"))),
                refusal(
                        "unk_token is <u>, which vocab lacks",
                        t -> t.set("model", json("{'vocab':{'a':0},'merges':[],'unk_token':'<u>'}"))),
                refusal(
                        "(((a{1000}){1000}){1000})",
                        t -> t.set(
                                "pre_tokenizer",
                                json("{'type':'Split','pattern':{'Regex':'(((a{1000}){1000}){1000})'}}"))),
                refusal(
                        "longer than 10000 characters",
                        t -> t.set(
                                "pre_tokenizer",
                                json("{'type':'Split','pattern':{'Regex':'" + "a".repeat(10_001) + "'}}"))),
                refusal("has the id -1", t -> t.withObject("/model/vocab").put("a", -1)),
                refusal("has the id \"x\"", t -> t.withObject("/model/vocab").put("a", "x")),
                refusal("vocab is missing", t -> t.withObject("model").remove("vocab")),
                refusal("merges is missing", t -> t.withObject("model").remove("merges")),
                refusal(
                        "merge 644",
                        t -> t.withObject("model").withArray("merges").add("q z")),
                refusal(
                        "merge 644",
                        t -> t.withObject("model").withArray("merges").add(7)),
                refusal("has no model", t -> t.remove("model")),
                refusal("Lowercase", t -> t.set("normalizer", json("{'type':'Lowercase'}"))),
                refusal("Metaspace", t -> t.set("pre_tokenizer", json("{'type':'Metaspace'}"))),
                refusal("pre_tokenizer null", t -> t.putNull("pre_tokenizer")),
                refusal("after ByteLevel", t -> t.withObject("pre_tokenizer")
                        .withArray("pretokenizers")
                        .add(json("{'type':'Digits'}"))),
                refusal("\\p{N", t -> t.set("pre_tokenizer", json("{'type':'Split','pattern':{'Regex':'\\\\p{N'}}"))),
                refusal("(?m:.)", t -> t.set("pre_tokenizer", json("{'type':'Split','pattern':{'Regex':'(?m:.)'}}"))),
                refusal(
                        "Sometimes",
                        t -> t.set(
                                "pre_tokenizer",
                                json("{'type':'Split','pattern':{'String':'x'},'behavior':'Sometimes'}"))),
                refusal("BertProcessing", t -> t.set("post_processor", json("{'type':'BertProcessing'}"))),
                refusal(
                        "no ids for the special token <s>",
                        t -> t.set(
                                "post_processor",
                                json("{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>'}}]}"))),
                refusal("decoder WordPiece", t -> t.set("decoder", json("{'type':'WordPiece'}"))),
                refusal("decoder null", t -> t.putNull("decoder")),
                refusal("he has the id 5", t -> addToken(t, 5, "he", "special")));
    }

    private static Arguments refusal(String word, Consumer<ObjectNode> change) {
        return Arguments.of(word, change);
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void whatIsNotSupportedIsRefusedByName(String word, Consumer<ObjectNode> change) {
        UserException e = assertThrows(UserException.class, () -> changed(change));
        assertTrue(e.getMessage().contains(word), e.getMessage());
        assertTrue(e.getMessage().startsWith("tokenizer.json"), e.getMessage());
    }

    @Test
    void manyThreadsGetTheSameIds() {
        Tokenizer tokenizer = tokenizer(ReferenceModel.LLAMA_3_1);
        Random random = new Random(3);
        List<String> texts =
                IntStream.range(0, 500).mapToObj(i -> randomText(random)).toList();
        List<int[]> alone = texts.stream().map(t -> tokenizer.encode(t, true)).toList();
        Tokenizer shared = tokenizer(ReferenceModel.LLAMA_3_1);
        List<int[]> together =
                texts.parallelStream().map(t -> shared.encode(t, true)).toList();
        for (int i = 0; i < texts.size(); i++) {
            assertArrayEquals(alone.get(i), together.get(i));
        }
    }

    /** A byte-level vocabulary of three bytes, and what tokenizers 0.23 makes of bytes that it lacks. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', textBlock = """
        ,                                     axbc,   5
        ,                                     axxxb,  3
        ,                                     abcx,   5
        ,                                     é,      ~~
        ~'ignore_merges':true~,               axxbxc, 5
        ~'unk_token':'<unk>'~,                axbc,   0 4 1 2
        ~'unk_token':'<unk>'~,                axxbxc, 0 4 4 1 4 2
        ~'unk_token':'<unk>'~,                abcx,   5 4
        ~'unk_token':'<unk>'~,                é,      4 4
        ~'unk_token':'<unk>','fuse_unk':true~, axxbxc, 0 4 1 4 2
        ~'unk_token':'<unk>','fuse_unk':true~, é,      4
        ~'unk_token':null~,                   axbc,   5
        """)
    void bytesThatTheVocabularyLacks(String options, String text, String expected) {
        Tokenizer tokenizer = changed(json -> {
            json.set("pre_tokenizer", json("{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}"));
            json.putNull("normalizer");
            json.set(
                    "model",
                    json("{'type':'BPE','vocab':{'a':0,'b':1,'c':2,'ab':3,'<unk>':4,'abc':5},'merges':['a b','ab c']"
                            + (options == null ? "" : "," + options) + "}"));
        });
        String ids = Arrays.stream(tokenizer.encode(text, false))
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(" "));
        assertEquals(expected, ids);
    }

    /** What tokenizers 0.23 makes of it with encode_special_tokens, which is transformers' split_special_tokens. */
    @ParameterizedTest
    @CsvSource({
        "QWEN_2_5, a<|im_end|>b, 64 27 91 495 62 338 67 91 29 65",
        "QWEN_2_5, <|eot_id|>, 27 91 68 782 62 554 91 29",
        "QWEN_2_5, x <tool_call> y, 87 220 903 374",
        "LLAMA_3, a<|im_end|>b, 64 27 91 496 62 339 67 91 29 65",
        "LLAMA_3, <|eot_id|>, 27 91 68 795 62 556 91 29"
    })
    void specialTokensInContentAreText(ReferenceModel model, String text, String ids) {
        int[] expected =
                Arrays.stream(ids.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertArrayEquals(expected, tokenizer(model).encodeText(text, false));
    }

    @Test
    void aPatternThatNeverEndsIsRefusedByName() {
        for (String regex : List.of("(a+)+$", "(a|aa)+$", "(.*)*b", "(?:a|b)*c")) {
            Tokenizer tokenizer = changed(json -> json.withObject("pre_tokenizer")
                    .withArray("pretokenizers")
                    .insert(
                            0,
                            JSON.createObjectNode()
                                    .put("type", "Split")
                                    .put("behavior", "Isolated")
                                    .set("pattern", JSON.createObjectNode().put("Regex", regex))));
            UserException e =
                    assertThrows(UserException.class, () -> tokenizer.encode("a".repeat(50_000) + "!", false));
            assertTrue(e.getMessage().contains(regex), e.getMessage());
        }
    }
}

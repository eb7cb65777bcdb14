package dev.prag.generation.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.prag.base.UserException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory VALIDATORS = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    private static final SchemaValidatorsConfig WITH_FORMATS =
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    private static final List<byte[]> TOKENS = TestVocabulary.tokens();
    private static final TokenVocabulary VOCABULARY = TestVocabulary.vocabulary();

    private static Grammar grammar(String schema) {
        return VOCABULARY.grammar(JsonSchema.of(schema));
    }

    /** A text of tokens drawn at random of those allowed. */
    private static byte[] text(Grammar grammar, int limit, Random random) {
        Matcher matcher = grammar.matcher(Set.of(TestVocabulary.END));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int remaining = limit; remaining > 0 && !matcher.exhausted(); remaining--) {
            int[] allowed = BitSet.valueOf(matcher.mask(remaining)).stream().toArray();
            int id = allowed[random.nextInt(allowed.length)];
            if (id == TestVocabulary.END) {
                assertTrue(matcher.complete(), "an end within the text");
                break;
            }
            matcher.accept(id);
            text.writeBytes(TOKENS.get(id));
        }
        assertTrue(matcher.complete(), () -> "no end: " + text.toString(StandardCharsets.UTF_8));
        return text.toByteArray();
    }

    private static void assertFits(JsonNode schema, byte[] text)
            throws JsonProcessingException, CharacterCodingException {
        String decoded = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(text))
                .toString();
        JsonNode value = JSON.readTree(decoded);
        assertEquals(
                Set.of(),
                VALIDATORS.getSchema(schema, WITH_FORMATS).validate(value),
                () -> decoded + " does not fit " + schema);
    }

    @Test
    void whateverIsDrawnParsesAndFits() throws Exception {
        for (int seed = 0; seed < 150; seed++) {
            JsonNode schema = new RandomSchema(seed).next();
            Grammar grammar = grammar(schema.toString());
            Random random = new Random(seed);
            for (int i = 0; i < 5; i++) {
                assertFits(schema, text(grammar, 300, random));
            }
        }
    }

    /** With just as many tokens as are known to be enough, and a few more. */
    @Test
    void aTextEndsWithinItsLimit() throws Exception {
        for (int seed = 0; seed < 120; seed++) {
            JsonNode schema = new RandomSchema(seed).next();
            Grammar grammar = grammar(schema.toString());
            Random random = new Random(seed);
            for (int more = 0; more < 12; more += 3) {
                assertFits(schema, text(grammar, grammar.start.cost + more, random));
            }
        }
    }

    /** Against trying every token, byte by byte. */
    @Test
    void aMaskHoldsEveryTokenThatFitsAndNoOther() {
        for (int seed = 0; seed < 30; seed++) {
            Grammar grammar = grammar(new RandomSchema(seed).next().toString());
            Matcher matcher = grammar.matcher(Set.of(TestVocabulary.END));
            Configuration now = grammar.start;
            Random random = new Random(seed);
            for (int remaining = 100_000; remaining > 99_950 && !now.exhausted(); remaining--) {
                BitSet expected = new BitSet();
                expected.set(TestVocabulary.END, now.complete());
                for (int id = 1; id < TOKENS.size(); id++) {
                    expected.set(id, !after(now, TOKENS.get(id)).impossible());
                }
                assertEquals(expected, BitSet.valueOf(matcher.mask(remaining)));
                expected.clear(TestVocabulary.END);
                int[] ids = expected.stream().toArray();
                if (ids.length == 0) {
                    break;
                }
                int id = ids[random.nextInt(ids.length)];
                matcher.accept(id);
                now = after(now, TOKENS.get(id));
            }
        }
    }

    @Test
    void nearItsLimitAMaskHoldsWhatCanStillBeFinished() {
        for (int seed = 0; seed < 30; seed++) {
            Grammar grammar = grammar(new RandomSchema(seed).next().toString());
            Matcher matcher = grammar.matcher(Set.of());
            Configuration now = grammar.start;
            Random random = new Random(seed);
            for (int step = 0; step < 20 && !now.exhausted(); step++) {
                for (int remaining = Math.max(1, now.cost - 1); remaining < now.cost + 4; remaining++) {
                    assertEquals(expected(now, remaining - 1), BitSet.valueOf(matcher.mask(remaining)));
                }
                int[] ids = expected(now, 100_000).stream().toArray();
                int id = ids[random.nextInt(ids.length)];
                matcher.accept(id);
                now = after(now, TOKENS.get(id));
            }
        }
    }

    /** Tokens after which so many are enough; those after which the fewest are, where that holds for none. */
    private static BitSet expected(Configuration now, int budget) {
        BitSet tokens = new BitSet();
        int fewest = Costs.ENDLESS;
        for (int id = 1; id < TOKENS.size(); id++) {
            Configuration next = after(now, TOKENS.get(id));
            if (!next.impossible()) {
                fewest = Math.min(fewest, next.cost);
                tokens.set(id, next.cost <= budget);
            }
        }
        return tokens.isEmpty() ? expected(now, fewest) : tokens;
    }

    private static Configuration after(Configuration from, byte[] bytes) {
        Configuration next = from;
        for (byte b : bytes) {
            next = next.step(b & 0xFF);
        }
        return next;
    }

    private static boolean takes(String schema, String text) {
        return after(grammar(schema).start, text.getBytes(StandardCharsets.UTF_8))
                .complete();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\"} | \"\"",
                "{\"type\":\"string\"} | \"a \\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \\uD83D\\uDe00 é 日 😀 \u007f\"",
                "{\"type\":\"string\",\"minLength\":3,\"maxLength\":3} | \"é日😀\"",
                "{\"type\":\"string\",\"minLength\":3,\"maxLength\":3} | \"\\u00e9\\n\\ud83d\\ude00\"",
                "{\"type\":\"integer\"} | -0",
                "{\"type\":\"integer\"} | 123456789012345678",
                "{\"type\":\"number\"} | -12.50e-07",
                "{\"type\":\"number\",\"minimum\":-0.5,\"exclusiveMaximum\":1} | 0.999",
                "{\"type\":\"number\",\"minimum\":-0.5,\"exclusiveMaximum\":1} | -0.5",
                "{\"type\":\"number\",\"minimum\":-0.5,\"exclusiveMaximum\":1} | -0.49",
                "{\"type\":\"integer\",\"minimum\":9,\"maximum\":101} | 9",
                "{\"type\":\"integer\",\"minimum\":9,\"maximum\":101} | 101",
                "{\"enum\":[\"a\\\"b\",1.50,null,[1,{\"x\":2}]]} | [1,{\"x\":2}]",
                "{\"enum\":[\"a\\\"b\",1.50,null,[1,{\"x\":2}]]} | 1.50",
                "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"maxItems\":2} | []",
                "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"maxItems\":2} | [ null, null ]",
                "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {\"b\": {\"x\": [1, {}]}}",
                "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | `{\n  \"a\": 1,\n  \"b\": []\n}`",
                "{\"type\":\"object\"} | {\"any\": \"thing\", \"\": -1e5}",
                "{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"null\"}} | {\"a\":1,\"ab\":null,\"b\":null}",
                "{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"null\"}} | {\"\":null}",
                "{\"type\":\"string\",\"pattern\":\"b+\"} | \"abbc é 😀 \\n \\\" \\\\ \\u0001\"",
                "{\"type\":\"string\",\"pattern\":\"^(?<word>\\\\p{L}+)(?:, \\\\w+)*?[.!]{1,2}$\"} | \"Añb, c_9.!\"",
                "`{\"type\":\"string\",\"pattern\":\"^a|b$\"}` | \"axx\"",
                "`{\"type\":\"string\",\"pattern\":\"^a|b$\"}` | \"xxb\"",
                "{\"type\":\"string\",\"pattern\":\"^^[\\\\u{1F600}-\\\\ud83d\\\\ude0f\\\\x2d]$$\"} | \"😃\"",
                "{\"type\":\"string\",\"pattern\":\"\"} | \"\"",
                "{\"pattern\":\"^.*$\",\"minLength\":2,\"maxLength\":2} | \"😀\\t\"",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2024-02-29\"",
                "{\"type\":\"string\",\"format\":\"date-time\"} | \"2026-11-29T16:31:39.25+01:00\"",
                "{\"type\":\"string\",\"format\":\"ipv6\"} | \"2001:db8::ff00:42\"",
                "{\"type\":\"string\",\"format\":\"uri\"} | \"https://example.org:8080/a/b?c=d#e\"",
                "{\"type\":\"string\",\"format\":\"uuid\"} | \"12345678-abcd-4abc-8abc-1234567890ab\"",
                "{\"type\":\"string\",\"format\":\"email\"} | \"first.last+tag@mail.example.org\"",
                "{\"type\":\"integer\",\"format\":\"int32\"} | -2147483648",
                "{\"type\":[\"string\",\"null\"],\"format\":\"time\"} | null",
                "{\"type\":\"number\",\"multipleOf\":0.25} | 17.5",
                "{\"type\":\"number\",\"multipleOf\":0.25,\"minimum\":-1} | -0.75",
                "{\"type\":\"integer\",\"multipleOf\":15} | 1000000005",
                "{\"allOf\":[{\"properties\":{\"a\":{}},\"required\":[\"a\"]},{\"$ref\":\"#/$defs/b\"}],\"$defs\":{\"b\":{\"properties\":{\"b\":{\"type\":\"null\"}}}}} | {\"a\":1,\"b\":null}",
                "{\"$ref\":\"#/$defs/n\",\"maximum\":3,\"$defs\":{\"n\":{\"type\":\"number\",\"minimum\":2}}} | 2.5",
                "{\"allOf\":[{\"enum\":[1,2,3]},{\"enum\":[2,3,4]},{\"const\":3}]} | 3",
                "{\"allOf\":[{},true]} | [1]",
                "true | {\"deep\": [[[[\"x\"]]]]}"
            })
    void takesWhatFits(String schema, String text) {
        assertTrue(takes(schema, text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\"} | \"open",
                "{\"type\":\"string\"} | \"\\x\"",
                "{\"type\":\"string\"} | \"\\ud83d\"",
                "{\"type\":\"string\"} | \"\\ud83dx\"",
                "{\"type\":\"string\"} | \"\\ud83d\\u0041\"",
                "{\"type\":\"string\"} | \"\\ude00\"",
                "{\"type\":\"string\"} | \"a\u0001\"",
                "{\"type\":\"string\",\"minLength\":3} | \"é😀\"",
                "{\"type\":\"string\",\"maxLength\":1} | \"\\ud83d\\ude00a\"",
                "{\"type\":\"integer\"} | 01",
                "{\"type\":\"integer\"} | 1.0",
                "{\"type\":\"number\"} | .5",
                "{\"type\":\"number\"} | 1.",
                "{\"type\":\"number\",\"minimum\":-0.5,\"exclusiveMaximum\":1} | 1.0",
                "{\"type\":\"number\",\"minimum\":-0.5,\"exclusiveMaximum\":1} | -0.51",
                "{\"type\":\"integer\",\"minimum\":9,\"maximum\":101} | 8",
                "{\"type\":\"integer\",\"minimum\":9,\"maximum\":101} | 102",
                "{\"type\":\"integer\",\"minimum\":9,\"maximum\":101} | -9",
                "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"maxItems\":2} | [null,null,null]",
                "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"minItems\":1} | []",
                "{\"type\":\"array\",\"items\":{\"type\":\"null\"}} | [null,]",
                "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {\"a\":1}",
                "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {\"b\":1,\"c\":2}",
                "{\"properties\":{\"a\":{},\"b\":{}},\"required\":[\"b\"]} | {,\"b\":1}",
                "{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"null\"}} | {\"b\":null,\"a\":1}",
                "{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"null\"}} | {\"\\u0061\":null}",
                "{\"type\":\"string\",\"pattern\":\"b+\"} | \"ac\"",
                "{\"type\":\"string\",\"pattern\":\"^b$\"} | \"b\\n\"",
                "`{\"type\":\"string\",\"pattern\":\"^a|b$\"}` | \"xax\"",
                "{\"type\":\"string\",\"pattern\":\"^.$\"} | \"\\n\"",
                "{\"type\":\"string\",\"pattern\":\"^[^a]$\"} | \"a\"",
                "{\"type\":\"string\",\"pattern\":\"^\\\\W\\\\D\\\\S$\"} | \"a?b\"",
                "{\"type\":\"string\",\"pattern\":\"^\\\\w$\"} | \"é\"",
                "{\"type\":\"string\",\"pattern\":\"^\\\\W$\"} | \"é\"",
                "{\"type\":\"string\",\"pattern\":\"^[^\\\\w]$\"} | \"é\"",
                "{\"type\":\"string\",\"pattern\":\"^[^\\\\W]$\"} | \"é\"",
                "{\"pattern\":\"^.*$\",\"minLength\":2,\"maxLength\":2} | \"abc\"",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2026-02-29\"",
                "{\"type\":\"string\",\"format\":\"date\"} | \"1900-02-29\"",
                "{\"type\":\"string\",\"format\":\"time\"} | \"24:00:00Z\"",
                "{\"type\":\"string\",\"format\":\"ipv4\"} | \"1.2.3.256\"",
                "{\"type\":\"string\",\"format\":\"ipv6\"} | \"1::2::3\"",
                "{\"type\":\"string\",\"format\":\"uuid\"} | \"12345678\"",
                "{\"type\":\"string\",\"format\":\"email\"} | \"a@b\"",
                "{\"type\":\"string\",\"format\":\"email\"} | \"a..b@example.org\"",
                "{\"type\":\"integer\",\"format\":\"int32\"} | 2147483648",
                "{\"type\":\"number\",\"multipleOf\":0.25} | 17.3",
                "{\"type\":\"number\",\"multipleOf\":0.25} | 1.250",
                "{\"type\":\"number\",\"multipleOf\":2} | 1e3",
                "{\"type\":\"integer\",\"multipleOf\":15} | 1000000006",
                "{\"allOf\":[{\"properties\":{\"a\":{}},\"required\":[\"a\"]},{\"properties\":{\"b\":{}}}]} | {\"b\":1}",
                "{\"$ref\":\"#/$defs/n\",\"maximum\":3,\"$defs\":{\"n\":{\"type\":\"number\",\"minimum\":2}}} | 3.5",
                "true | [1 2]",
                "true | `[1] `"
            })
    void refusesWhatDoesNot(String schema, String text) {
        assertFalse(takes(schema, text));
    }

    @Test
    void noBytesButThoseOfACharacter() {
        byte[][] wrong = {
            {(byte) 0xC0, (byte) 0x80},
            {(byte) 0xE0, (byte) 0x80, (byte) 0x80},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            {(byte) 0x80},
            {(byte) 0xF5},
            {(byte) 0xE6, (byte) 0x97, '"'}
        };
        Configuration open = after(grammar("{\"type\":\"string\"}").start, new byte[] {'"'});
        for (byte[] bytes : wrong) {
            assertTrue(after(open, bytes).impossible());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\",\"pattern\":\"a(?=b)\"} | the pattern a(?=b) looks ahead or behind",
                "{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"} | has \\1",
                "{\"type\":\"string\",\"pattern\":\"\\\\bword\"} | a word's boundary",
                "{\"type\":\"string\",\"pattern\":\"a{2000}\"} | more than 1000 times",
                "{\"type\":\"string\",\"pattern\":\"(?:a{900}){900}\"} | repeats too much",
                "`{\"type\":\"string\",\"pattern\":\"(a|b)*a(a|b){40}\"}` | takes too much to tell",
                "{\"type\":\"string\",\"pattern\":\"a(b\"} | never closed",
                "{\"type\":\"string\",\"pattern\":\"a)b\"} | closes nothing",
                "{\"type\":\"string\",\"pattern\":\"[b-a]\"} | out of order",
                "{\"type\":\"string\",\"pattern\":\"+\"} | stands alone",
                "{\"type\":\"string\",\"pattern\":\"a\\\\ud800\"} | half of a surrogate pair",
                "{\"type\":\"string\",\"pattern\":\"[\\\\udbff\\\\uffff]\"} | half of a surrogate pair",
                "{\"type\":\"string\",\"pattern\":\"a\\ud801\"} | half of a surrogate pair",
                "{\"type\":\"string\",\"pattern\":\"^a$\",\"minLength\":2} | no string fits its pattern",
                "{\"type\":\"string\",\"pattern\":\"a\",\"maxLength\":3000} | up to 2000",
                "{\"type\":\"string\",\"pattern\":7} | pattern is 7",
                "{\"type\":\"string\",\"format\":\"iri\"} | the format iri",
                "{\"properties\":{\"n\":{\"type\":\"number\",\"multipleOf\":0}}} | /properties/n: multipleOf is 0",
                "{\"type\":\"number\",\"multipleOf\":1.2345} | multipleOf is 1.2345",
                "{\"type\":\"integer\",\"multipleOf\":7,\"minimum\":8,\"maximum\":13} | bounds",
                "{\"type\":\"array\",\"uniqueItems\":true} | uniqueItems",
                "{\"not\":{}} | not",
                "{\"allOf\":[]} | allOf is empty",
                "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]} | no value has the types",
                "{\"allOf\":[{\"pattern\":\"a\"},{\"pattern\":\"b\"}]} | have different pattern",
                "{\"allOf\":[{\"properties\":{\"a\":{}},\"additionalProperties\":false},{\"properties\":{\"b\":{}}}]} | not the property b",
                "{\"allOf\":[{\"$ref\":\"#\"},{}]} | a part of itself",
                "{\"type\":\"text\"} | the type text",
                "{\"type\":\"string\",\"minLength\":4,\"maxLength\":3} | minLength",
                "{\"type\":\"string\",\"minLength\":-1} | minLength is -1",
                "{\"type\":\"integer\",\"minimum\":1.2,\"maximum\":1.8} | bounds",
                "{\"type\":\"array\",\"minItems\":3,\"maxItems\":2} | at least 3 and at most 2",
                "{\"properties\":{},\"required\":[\"x\"]} | x is required",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]} | both 0 and 1 of oneOf",
                "{\"oneOf\":[{\"type\":\"object\"},{\"properties\":{\"a\":{}}}]} | both 0 and 1 of oneOf",
                "{\"$ref\":\"#/$defs/none\"} | refers to nothing",
                "{\"$ref\":\"#\"} | leads back to itself",
                "{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]} | leads back to itself",
                "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]} | without an end",
                "{\"type\":\"integer\",\"enum\":[\"a\"]} | enum",
                "false | it is false",
                "{\"properties\":{\"a\":{\"anyOf\":[]}}} | anyOf is empty"
            })
    void namesWhatIsNotSupported(String schema, String word) {
        String message =
                assertThrows(UserException.class, () -> grammar(schema)).getMessage();
        assertTrue(message.contains(word), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"type\":\"null\"} {}", "[]", "\"string\""})
    void refusesWhatIsNoSchema(String text) {
        assertThrows(UserException.class, () -> JsonSchema.of(text));
    }

    @Test
    void tellsChoicesApart() {
        assertTrue(takes("{\"oneOf\":[{\"type\":\"string\"},{\"type\":[\"null\",\"integer\"]}]}", "7"));
        assertTrue(takes("{\"oneOf\":[{\"const\":1},{\"const\":2}]}", "2"));
        assertTrue(takes(
                "{\"oneOf\":[{\"properties\":{\"a\":{}},\"required\":[\"a\"]},{\"properties\":{\"b\":{}}}]}", "{}"));
    }

    @Test
    void nothingIsMadeTwice() {
        Grammar grammar = grammar("{\"type\":\"object\"}");
        assertSame(grammar, grammar("{ \"type\": \"object\" }"));
        Matcher matcher = grammar("{\"type\":\"string\"}").matcher(Set.of());
        matcher.mask(100);
        matcher.accept(1 + '"');
        long[] within = matcher.mask(99);
        matcher.accept(1 + 'a');
        assertSame(within, matcher.mask(98));
    }

    @Test
    void aLimitTooSmallForAnythingIsMetAsCloselyAsCanBe() {
        Matcher matcher = grammar("{\"type\":\"string\",\"minLength\":9}").matcher(Set.of());
        int nearest = BitSet.valueOf(matcher.mask(1)).nextSetBit(0);
        assertEquals("\",", new String(TOKENS.get(nearest), StandardCharsets.UTF_8));
        matcher.accept(nearest);
        assertFalse(matcher.complete());
    }
}

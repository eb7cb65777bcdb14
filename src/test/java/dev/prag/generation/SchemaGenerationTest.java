package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.prag.base.UserException;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Texts that keep to a schema, by a tiny model whose weights know nothing of JSON. */
@Timeout(120)
class SchemaGenerationTest {
    private static final String MODEL = "tiny-llama-3.1";
    private static final EngineSettings SETTINGS = new EngineSettings(200, 6, 200, 24, 8, 150);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> SCHEMAS = List.of(
            """
            {"type":"object","properties":{"name":{"type":"string","minLength":2,"maxLength":20},
            "age":{"type":"integer","minimum":0,"maximum":120},"tags":{"type":"array","items":{"enum":["é","b\\"c"]},
            "maxItems":3},"note":{"type":["string","null"]}},"required":["name","age"]}""",
            "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":2}",
            "{\"type\":\"number\"}",
            "{\"const\":\"日本 😀\"}",
            "true");

    private static List<GenerationRequest> requests(int limit) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            for (String schema : SCHEMAS) {
                requests.add(GenerationRequest.greedy(new int[] {1, 2, 3 + seed}, limit)
                        .with(seed == 0 ? Sampling.GREEDY : new Sampling(1.5f, 0, seed == 1 ? 0.9f : 1, 1.1f, seed))
                        .with(JsonSchema.of(schema)));
            }
            requests.add(GenerationRequest.greedy(new int[] {4, 5 + seed}, 10));
        }
        return requests;
    }

    private static void assertFits(GenerationRequest request, GenerationResult result) throws Exception {
        if (request.schema() != null) {
            assertEquals(Finish.STOP, result.finish(), result.text());
            JsonNode schema = JSON.readTree(request.schema().toString());
            JsonNode value = JSON.readTree(result.text());
            assertEquals(
                    Set.of(),
                    JsonSchemaFactory.getInstance(VersionFlag.V202012)
                            .getSchema(schema)
                            .validate(value),
                    result.text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTextFitsItsSchemaBesideOthers(TestDevice device) throws Exception {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = model.engine(SETTINGS)) {
            List<GenerationRequest> requests = requests(60);
            List<Generation> together = requests.stream()
                    .map(request -> engine.submit(request, TokenListener.NONE))
                    .toList();
            for (int i = 0; i < requests.size(); i++) {
                GenerationResult result = together.get(i).join();
                assertFits(requests.get(i), result);
                if (device == TestDevice.PLAIN) {
                    assertArrayEquals(
                            result.ids(), engine.generate(requests.get(i)).ids());
                }
            }
        }
    }

    @Test
    void aSmallLimitClosesTheText() throws Exception {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(SETTINGS)) {
            for (int limit = 8; limit < 14; limit++) {
                GenerationRequest request = GenerationRequest.greedy(new int[] {1, 9}, limit)
                        .with(Sampling.of(1, limit))
                        .with(JsonSchema.of(SCHEMAS.get(1)));
                assertFits(request, engine.generate(request));
            }
            GenerationResult cut =
                    engine.generate(GenerationRequest.greedy(new int[] {1}, 1).with(JsonSchema.of(SCHEMAS.get(1))));
            assertEquals(Finish.LENGTH, cut.finish());
        }
    }

    @Test
    void logProbabilitiesAreThoseWithoutTheSchema() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(SETTINGS);
                Scorer scorer = new Scorer(model.decoder)) {
            GenerationResult result =
                    engine.generate(GenerationRequest.greedy(new int[] {7}, 12).with(JsonSchema.of(SCHEMAS.get(1))));
            int[] text = new int[result.ids().length + 1];
            text[0] = 7;
            System.arraycopy(result.ids(), 0, text, 1, result.ids().length);
            assertArrayEquals(scorer.score(text, Composition.NONE, 0).logprobs(), result.logprobs(), 1e-4f);
        }
    }

    @Test
    void aSchemaThatIsNotSupportedIsRefusedAtOnce() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(SETTINGS)) {
            GenerationRequest request = GenerationRequest.greedy(new int[] {1}, 4);
            GenerationRequest unsupported = request.with(JsonSchema.of("{\"type\":\"string\",\"pattern\":\"a(?=b)\"}"));
            assertTrue(assertThrows(UserException.class, () -> engine.submit(unsupported, TokenListener.NONE))
                    .getMessage()
                    .contains("pattern"));
            assertEquals(4, engine.generate(request.ignoringEos()).ids().length);
            try (GenerationEngine ids = new GenerationEngine(model.decoder, SETTINGS)) {
                assertThrows(UserException.class, () -> ids.generate(request.with(JsonSchema.ANY)));
            }
        }
    }

    @Test
    void aStopStringEndsItBefore() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(SETTINGS)) {
            GenerationRequest request = GenerationRequest.greedy(new int[] {1}, 20)
                    .with(JsonSchema.of("{\"const\":\"one two\"}"))
                    .withStops(List.of("two"), Set.of());
            assertEquals("\"one ", engine.generate(request).text());
        }
    }
}

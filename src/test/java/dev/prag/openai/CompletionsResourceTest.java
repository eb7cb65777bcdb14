package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.rest.Http;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CompletionsResourceTest {
    private static final String TEXTS = "/v1/completions";

    @Inject
    DemoCorpus demo;

    @Inject
    ModelRuntime runtime;

    @Test
    void aTextGoesOn() {
        ObjectNode request = request("model", "The Anchor of").put("logprobs", 2);
        JsonNode answer = Http.post(TEXTS, request.toString()).expect(200);
        int[] prompt = runtime.languageModel().tokenizer().encodeText("The Anchor of", true);
        GenerationResult expected = runtime.engine().generate(GenerationRequest.greedy(prompt, 16));
        JsonNode choice = answer.get("choices").get(0);
        assertEquals(expected.text(), choice.get("text").asText());
        assertEquals("text_completion", answer.get("object").asText());
        assertTrue(answer.get("id").asText().startsWith("cmpl-"));
        assertEquals(prompt.length, answer.get("usage").get("prompt_tokens").asInt());
        JsonNode logprobs = choice.get("logprobs");
        assertEquals(expected.ids().length, logprobs.get("tokens").size());
        assertEquals(
                expected.logprobs()[0], logprobs.get("token_logprobs").get(0).asDouble(), 1e-6);
        assertEquals(2, logprobs.get("top_logprobs").get(0).size());
        assertEquals(0, logprobs.get("text_offset").get(0).asInt());
        assertEquals(
                logprobs.get("tokens").get(0).asText().length(),
                logprobs.get("text_offset").get(1).asInt());

        request.put("stream", true).putObject("stream_options").put("include_usage", true);
        Chunks chunks = Chunks.of(Http.post(TEXTS, request.toString()));
        assertEquals(expected.text(), chunks.text());
        assertEquals(answer.get("usage"), chunks.all().getLast().get("usage"));
    }

    @Test
    void aQuestion() {
        try {
            demo.encode(demo.ingest(DemoCorpus.ANCHOR));
            ObjectNode request = request("model:parametric", "");
            request.putArray("prompt").add(DemoCorpus.QUESTION);
            JsonNode answer = Http.post(TEXTS, request.toString()).expect(200);
            assertEquals("France", answer.get("prag").get("answer").asText());
            assertEquals(1, answer.get("prag").get("passages").size());
        } finally {
            demo.clear();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`'prompt':null`         | prompt            | missing",
                "`'prompt':''`           | prompt            | empty",
                "`'prompt':['a','b']`    | prompt            | one text",
                "`'prompt':[1,2]`        | prompt            | one text",
                "`'best_of':3`           | best_of           | 3",
                "`'echo':true`           | echo              | not supported",
                "`'suffix':'x'`          | suffix            | not supported",
                "`'logprobs':30`         | logprobs          | 30",
                "`'n':2`                 | n                 | 2",
                "`'prag':{'maxTokens':0}` | prag.maxTokens   | 0"
            })
    void theFieldIsNamed(String fields, String param, String word) {
        String prompt = fields.contains("'prompt'") ? "" : "'prompt':'Hello',";
        String body = ("{'model':'model'," + prompt + fields + "}").replace('\'', '"');
        Errors.expect(Http.post(TEXTS, body), 400, param, null, word);
    }

    private static ObjectNode request(String model, String prompt) {
        return Http.JSON.createObjectNode().put("model", model).put("prompt", prompt);
    }
}

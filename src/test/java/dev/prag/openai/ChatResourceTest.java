package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.AnswerService;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import dev.prag.generation.EngineBusyException;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.TokenListener;
import dev.prag.llm.LanguageModel;
import dev.prag.rest.Brake;
import dev.prag.rest.Http;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChatResourceTest {
    private static final String CHATS = "/v1/chat/completions";

    @Inject
    DemoCorpus demo;

    @Inject
    ModelRuntime runtime;

    @Inject
    AnswerService answers;

    @BeforeEach
    void oneEncodedPassageAndOneThatIsNot() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.ingest(DemoCorpus.STAIR);
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    // ---- models ----

    @Test
    void models() {
        JsonNode list = Http.get("/v1/models").expect(200);
        assertEquals("list", list.get("object").asText());
        List<String> ids = list.get("data").findValuesAsText("id");
        assertEquals("model", ids.getFirst());
        assertEquals(
                answers.methods(),
                ids.stream().skip(1).map(id -> id.substring("model:".length())).toList());
        JsonNode one = Http.get("/v1/models/model:parametric").expect(200);
        assertEquals(list.get("data").get(ids.indexOf("model:parametric")), one);
        assertEquals("model", one.get("object").asText());
        assertTrue(one.get("created").asLong() > 1_500_000_000L);
        JsonNode none = Http.get("/v1/models/gpt-4o").expect(404).get("error");
        assertEquals("model_not_found", none.get("code").asText());
        assertTrue(none.get("message").asText().contains("model:parametric"), none.toString());
    }

    // ---- the model alone ----

    @Test
    void theModelAlone() {
        long before = System.currentTimeMillis() / 1000;
        JsonNode answer = chat(request("model", "Who wrote it?").put("max_tokens", 12));
        LanguageModel model = runtime.languageModel();
        int[] prompt = model.chatIds(List.of(Map.of("role", "user", "content", "Who wrote it?")), true);
        GenerationResult expected = runtime.engine().generate(GenerationRequest.greedy(prompt, 12));
        assertEquals(expected.text(), content(answer));
        assertEquals("chat.completion", answer.get("object").asText());
        assertTrue(answer.get("id").asText().startsWith("chatcmpl-"));
        assertTrue(answer.get("created").asLong() >= before
                && answer.get("created").asLong() <= System.currentTimeMillis() / 1000);
        assertEquals("model", answer.get("model").asText());
        assertTrue(answer.get("system_fingerprint").asText().matches("fp_[0-9a-f]{12}"));
        JsonNode usage = answer.get("usage");
        assertEquals(prompt.length, usage.get("prompt_tokens").asInt());
        assertEquals(expected.ids().length, usage.get("completion_tokens").asInt());
        assertEquals(
                prompt.length + expected.ids().length, usage.get("total_tokens").asInt());
        JsonNode choice = answer.get("choices").get(0);
        assertEquals("assistant", choice.get("message").get("role").asText());
        assertTrue(choice.get("message").get("refusal").isNull()
                && choice.get("logprobs").isNull());
        assertEquals(
                expected.finish().name().toLowerCase(java.util.Locale.ROOT),
                choice.get("finish_reason").asText());
        assertEquals(0, answer.get("prag").get("passages").size());
        JsonNode again = chat(request("model", "Who wrote it?").put("max_tokens", 12));
        assertNotEquals(answer.get("id"), again.get("id"));
    }

    @Test
    void allRolesAndPartsAndBounds() {
        ObjectNode request = request("model", "Now?").put("max_tokens", 9).put("max_completion_tokens", 1);
        request.putArray("messages")
                .add(message("developer", "Be short."))
                .add(message("system", "Be kind."))
                .add(message("assistant", "Hello."));
        ObjectNode parts = request.withArray("messages").addObject().put("role", "user");
        parts.putArray("content")
                .add(Http.JSON.createObjectNode().put("type", "text").put("text", "Now"))
                .add(Http.JSON.createObjectNode().put("type", "text").put("text", "then?"));
        JsonNode answer = chat(request);
        int[] prompt = runtime.languageModel()
                .chatIds(
                        List.of(
                                Map.of("role", "system", "content", "Be short."),
                                Map.of("role", "system", "content", "Be kind."),
                                Map.of("role", "assistant", "content", "Hello."),
                                Map.of("role", "user", "content", "Now\nthen?")),
                        true);
        assertEquals(prompt.length, answer.get("usage").get("prompt_tokens").asInt());
        assertEquals(1, answer.get("usage").get("completion_tokens").asInt());
        assertEquals("length", answer.get("choices").get(0).get("finish_reason").asText());
    }

    @Test
    void aSeedDecides() {
        ObjectNode wild = request("model", "Go on.")
                .put("temperature", 2)
                .put("top_p", 0.99)
                .put("max_tokens", 12);
        assertEquals(
                content(chat(wild.deepCopy().put("seed", 3))),
                content(chat(wild.deepCopy().put("seed", 3))));
        assertNotEquals(
                content(chat(wild.deepCopy().put("seed", 3))),
                content(chat(wild.deepCopy().put("seed", 4))));
        assertNotEquals(content(chat(wild)), content(chat(wild)), "another one each time");
    }

    // ---- documents ----

    @Test
    void aMethodAnswersFromDocuments() {
        ObjectNode request = request("model:parametric", DemoCorpus.QUESTION);
        request.putObject("prag").put("topK", 1).put("weights", "sum");
        JsonNode answer = chat(request);
        JsonNode same = Http.post(
                        "/answers",
                        Http.JSON
                                .createObjectNode()
                                .put("question", DemoCorpus.QUESTION)
                                .put("topK", 1)
                                .put("weights", "sum")
                                .toString())
                .expect(200);
        assertEquals(" " + content(answer), same.get("text").asText(), "without the space behind how answers begin");
        assertEquals(same.get("promptTokens"), answer.get("usage").get("prompt_tokens"));
        JsonNode prag = answer.get("prag");
        assertEquals("France", prag.get("answer").asText());
        assertEquals("parametric", prag.get("method").asText());
        assertEquals(same.get("passages"), prag.get("passages"));
        assertEquals("adapter", prag.get("passages").get(0).get("through").asText());
        assertTrue(prag.get("timings").get("compose").asDouble() > 0);
        request.withObject("prag").put("method", "in-context");
        assertEquals("in-context", chat(request).get("prag").get("method").asText());
    }

    @Test
    void turnsBeforeTheQuestionStayInThePrompt() {
        ObjectNode request = request("model:in-context", "");
        request.putObject("prag").put("topK", 1);
        request.putArray("messages").add(message("user", DemoCorpus.QUESTION));
        JsonNode alone = chat(request);
        request.putArray("messages")
                .add(message("system", "Answer truly."))
                .add(message("user", "Is there a stair?"))
                .add(message("assistant", "There is."))
                .add(message("user", DemoCorpus.QUESTION));
        JsonNode after = chat(request);
        assertEquals(alone.get("prag").get("passages"), after.get("prag").get("passages"), "the last one is searched");
        assertTrue(after.get("usage").get("prompt_tokens").asInt()
                > alone.get("usage").get("prompt_tokens").asInt() + 10);
        String notes = after.get("prag").get("notes").toString();
        assertFalse(notes.contains("rewrote"), notes);
    }

    // ---- streams ----

    @Test
    void aStream() {
        ObjectNode request = request("model:combined", DemoCorpus.QUESTION).put("logprobs", true);
        JsonNode plain = chat(request);
        request.put("stream", true).putObject("stream_options").put("include_usage", true);
        Chunks chunks = Chunks.of(Http.post(CHATS, request.toString()));
        assertEquals(content(plain), chunks.text());
        assertEquals(
                "assistant",
                chunks.all()
                        .getFirst()
                        .get("choices")
                        .get(0)
                        .get("delta")
                        .get("role")
                        .asText());
        JsonNode usage = chunks.all().getLast();
        assertEquals(0, usage.get("choices").size());
        assertEquals(plain.get("usage"), usage.get("usage"));
        List<JsonNode> choices = chunks.choices();
        assertEquals(chunks.all().size() - 1, choices.size());
        assertEquals("stop", choices.getLast().get("finish_reason").asText());
        JsonNode last = chunks.all().get(chunks.all().size() - 2);
        assertEquals(
                plain.get("prag").get("passages"), last.get("prag").get("passages"), "in the last that has choices");
        List<JsonNode> tokens = new ArrayList<>();
        for (JsonNode choice : choices.subList(0, choices.size() - 1)) {
            assertTrue(choice.get("finish_reason").isNull());
            choice.get("logprobs").path("content").forEach(tokens::add);
        }
        assertEquals(
                plain.get("choices").get(0).get("logprobs").get("content"),
                Http.JSON.createArrayNode().addAll(tokens));
        for (JsonNode chunk : chunks.all()) {
            assertEquals("chat.completion.chunk", chunk.get("object").asText());
            assertEquals(last.get("id"), chunk.get("id"));
        }
    }

    @Test
    void aStreamWithoutUsage() {
        Chunks chunks = Chunks.of(Http.post(
                CHATS,
                request("model", "Hello")
                        .put("stream", true)
                        .put("max_tokens", 3)
                        .toString()));
        assertTrue(chunks.all().stream().noneMatch(chunk -> chunk.has("usage")));
        assertEquals(chunks.all().size(), chunks.choices().size());
    }

    // ---- probabilities, stops, schemas ----

    @Test
    void logprobs() {
        JsonNode answer = chat(request("model", "Who wrote it?")
                .put("max_tokens", 8)
                .put("logprobs", true)
                .put("top_logprobs", 3));
        JsonNode tokens = answer.get("choices").get(0).get("logprobs").get("content");
        assertEquals(answer.get("usage").get("completion_tokens").asInt(), tokens.size());
        StringBuilder text = new StringBuilder();
        for (JsonNode token : tokens) {
            text.append(token.get("token").asText());
            JsonNode top = token.get("top_logprobs");
            assertEquals(3, top.size());
            assertEquals(token.get("token"), top.get(0).get("token"), "greedy takes the best");
            assertEquals(
                    token.get("logprob").asDouble(), top.get(0).get("logprob").asDouble(), 1e-5);
            assertTrue(top.get(0).get("logprob").asDouble()
                    >= top.get(2).get("logprob").asDouble());
            assertEquals(top.get(0).get("bytes"), token.get("bytes"));
        }
        assertEquals(content(answer), text.toString());
        JsonNode none = chat(request("model", "Hello").put("max_tokens", 2).put("logprobs", true));
        assertEquals(
                0,
                none.get("choices")
                        .get(0)
                        .get("logprobs")
                        .get("content")
                        .get(0)
                        .get("top_logprobs")
                        .size());
    }

    @Test
    void aStopStringOverTokens() {
        ObjectNode request =
                request("model", "Who wrote it?").put("max_tokens", 8).put("logprobs", true);
        JsonNode whole = chat(request);
        String text = content(whole);
        String second = whole.get("choices")
                .get(0)
                .get("logprobs")
                .get("content")
                .get(1)
                .get("token")
                .asText();
        String third = whole.get("choices")
                .get(0)
                .get("logprobs")
                .get("content")
                .get(2)
                .get("token")
                .asText();
        String stop = second.substring(second.length() - 1) + third.substring(0, 1);
        String before = text.substring(0, text.indexOf(stop));
        request.putArray("stop").add("never to be found").add(stop);
        JsonNode stopped = chat(request);
        assertEquals(before, content(stopped));
        assertEquals("stop", stopped.get("choices").get(0).get("finish_reason").asText());
        StringBuilder told = new StringBuilder();
        stopped.get("choices")
                .get(0)
                .get("logprobs")
                .get("content")
                .forEach(token -> told.append(token.get("token").asText()));
        assertTrue(told.length() >= before.length() && told.length() <= before.length() + 1, told.toString());
        request.put("stop", stop).put("stream", true);
        assertEquals(before, Chunks.of(Http.post(CHATS, request.toString())).text());
    }

    @Test
    void aSchema() {
        ObjectNode request = request("model:parametric", DemoCorpus.QUESTION).put("max_tokens", 60);
        request.putObject("response_format")
                .put("type", "json_schema")
                .putObject("json_schema")
                .put("name", "land")
                .putObject("schema")
                .put("type", "object")
                .put("additionalProperties", false)
                .<ObjectNode>set("required", Http.JSON.createArrayNode().add("country"))
                .putObject("properties")
                .putObject("country")
                .put("type", "string")
                .put("maxLength", 12);
        JsonNode json = Http.parse(content(chat(request)));
        assertEquals(
                List.of("country"),
                List.copyOf(json.properties().stream().map(Map.Entry::getKey).toList()));
        request.putObject("response_format").put("type", "json_object");
        assertTrue(Http.parse(content(chat(request.put("max_tokens", 80)))).isObject());
        request.putObject("response_format").put("type", "text");
        chat(request);
        request.putObject("response_format")
                .put("type", "json_schema")
                .putObject("json_schema")
                .putObject("schema")
                .put("type", "string")
                .put("pattern", "^(a|b)(?=c)");
        Errors.expect(Http.post(CHATS, request.toString()), 400, "response_format", null, "pattern");
        ObjectNode rounds = request("model:flare", DemoCorpus.QUESTION);
        rounds.putObject("response_format").put("type", "json_object");
        Errors.expect(Http.post(CHATS, rounds.toString()), 400, "response_format", null, "flare");
    }

    @Test
    void aTraceWhereItIsAskedFor() {
        ObjectNode request = request("model:ircot", DemoCorpus.QUESTION);
        assertNull(chat(request).get("prag").get("trace"));
        request.putObject("prag").put("trace", true);
        JsonNode trace = chat(request).get("prag").get("trace");
        assertEquals("question", trace.get(0).get("trigger").asText());
        assertEquals("reasoning", trace.get(1).get("trigger").asText());
    }

    // ---- what goes wrong ----

    @Test
    void longerThanTheContext() {
        for (boolean stream : new boolean[] {false, true}) {
            for (String model : List.of("model", "model:in-context")) {
                Errors.expect(
                        Http.post(
                                CHATS,
                                request(model, "why ".repeat(3000))
                                        .put("stream", stream)
                                        .toString()),
                        400,
                        "messages",
                        "context_length_exceeded",
                        "1024");
            }
        }
    }

    @Test
    void aBusyEngine() throws InterruptedException {
        GenerationEngine engine = runtime.engine();
        List<Generation> waiting = new ArrayList<>();
        try (Brake brake = new Brake(engine)) {
            try {
                while (true) {
                    waiting.add(engine.submit(GenerationRequest.greedy(new int[] {1}, 1), TokenListener.NONE));
                }
            } catch (EngineBusyException full) {
                for (String model : List.of("model", "model:closed-book")) {
                    for (boolean stream : new boolean[] {false, true}) {
                        Http.Reply reply = Http.post(
                                CHATS,
                                request(model, "Hello").put("stream", stream).toString());
                        Errors.expect(reply, 503, null, "service_unavailable", "busy");
                        assertTrue(Integer.parseInt(reply.header("Retry-After")) >= 1);
                    }
                }
            }
            waiting.forEach(Generation::cancel);
        }
        waiting.forEach(Generation::join);
    }

    @Test
    void aClientThatGivesAStreamUp() throws Exception {
        GenerationEngine engine = runtime.engine();
        String body = request("model", "Go on.")
                .put("stream", true)
                .put("temperature", 5)
                .put("seed", 7)
                .put("max_tokens", 60)
                .toString();
        try (Brake brake = new Brake(engine)) {
            try (Socket client = Http.open("POST " + CHATS
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body)) {
                for (int i = 0; brake.others() != 1; i++) {
                    assertTrue(i < 3000, "the request did not reach the engine");
                    Thread.sleep(10);
                }
                brake.step();
                brake.step();
                Http.readUntil(client, "\"content\":\"");
            }
            brake.assertOthersEnd();
        }
    }

    @Test
    void metricsHaveTheNamesOfTheConventions() {
        chat(request("model:closed-book", "Who?").put("max_tokens", 3));
        Http.post(CHATS, request("model", "why ".repeat(3000)).toString());
        String metrics = Http.get("/q/metrics").body();
        String attributes = "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"prag\",gen_ai_request_model=\"model:"
                + "closed-book\",gen_ai_response_model=\"model\"";
        for (String name : List.of(
                "gen_ai_server_time_to_first_token_seconds_count{" + attributes + "}",
                "gen_ai_server_time_per_output_token_seconds_bucket{" + attributes + ",le=\"0.01\"}",
                "error_type=\"invalid_request\"")) {
            assertTrue(
                    metrics.contains(name),
                    "no " + name + " in "
                            + metrics.lines()
                                    .filter(line -> line.startsWith("gen_ai"))
                                    .limit(40)
                                    .toList());
        }
    }

    private static ObjectNode request(String model, String question) {
        ObjectNode request = Http.JSON.createObjectNode().put("model", model);
        request.putArray("messages").add(message("user", question));
        return request;
    }

    private static ObjectNode message(String role, String content) {
        return Http.JSON.createObjectNode().put("role", role).put("content", content);
    }

    private static JsonNode chat(ObjectNode request) {
        return Http.post(CHATS, request.toString()).expect(200);
    }

    private static String content(JsonNode answer) {
        return answer.get("choices").get(0).get("message").get("content").asText();
    }
}

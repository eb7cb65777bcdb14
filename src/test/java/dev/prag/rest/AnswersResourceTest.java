package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import dev.prag.generation.EngineBusyException;
import dev.prag.generation.EngineStatistics;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.TokenListener;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AnswersResourceTest {
    @Inject
    DemoCorpus demo;

    @Inject
    ModelRuntime runtime;

    private String anchor;
    private String stair;

    @BeforeEach
    void oneEncodedPassageAndOneThatIsNot() {
        anchor = demo.ingest(DemoCorpus.ANCHOR);
        demo.encode(anchor);
        stair = demo.ingest(DemoCorpus.STAIR);
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    @Test
    void parametric() {
        JsonNode answer = ask("parametric");
        assertEquals(DemoCorpus.QUESTION, answer.get("question").asText());
        assertEquals("parametric", answer.get("method").asText());
        assertEquals("stop", answer.get("finish").asText());
        assertTrue(
                answer.get("tokens").asInt() > 0 && answer.get("promptTokens").asInt() > 10, answer.toString());
        assertEquals(2, answer.get("passages").size(), answer.toString());
        JsonNode first = answer.get("passages").get(0);
        assertEquals("The Anchor of Raeclaint", first.get("title").asText());
        assertEquals("adapter", first.get("through").asText());
        assertTrue(first.get("weight").asDouble() > 0.5, "the better score has more of the weight");
        JsonNode second = answer.get("passages").get(1);
        assertEquals("The Strange Stair of Woabrirk", second.get("title").asText());
        assertEquals("prompt", second.get("through").asText());
        assertTrue(second.get("weight").isNull());
        assertTrue(first.get("score").asDouble() > second.get("score").asDouble());
        assertEquals(
                Http.get("/documents/" + anchor).json().get("passages").get(0).get("id"), first.get("id"));
        String note = answer.get("notes").get(0).asText();
        assertTrue(note.contains(second.get("id").asText()) && note.contains("no adapter"), note);
        for (String step : List.of("retrieve", "compose", "firstToken", "generate", "total")) {
            assertTrue(answer.get("timings").get(step).asDouble() > 0, step);
        }
    }

    @Test
    void theAdapterKnowsWhatTheModelAloneDoesNot() {
        String request = Http.JSON
                .createObjectNode()
                .put("question", DemoCorpus.QUESTION)
                .put("topK", 1)
                .put("weights", "sum")
                .toString();
        JsonNode answer = Http.post("/answers", request).expect(200);
        assertEquals("parametric", answer.get("method").asText(), "the default");
        assertEquals(1, answer.get("passages").size());
        assertEquals(1, answer.get("passages").get(0).get("weight").asDouble());
        assertEquals("France", answer.get("answer").asText());
        assertEquals(0, answer.get("notes").size());
        assertNotEquals("France", ask("closed-book").get("answer").asText());
    }

    @Test
    void closedBook() {
        JsonNode answer = ask("closed-book");
        assertEquals(0, answer.get("passages").size());
        assertEquals(0, answer.get("notes").size());
    }

    @Test
    void inContext() {
        JsonNode answer = ask("in-context");
        assertEquals(2, answer.get("passages").size());
        for (JsonNode passage : answer.get("passages")) {
            assertEquals("prompt", passage.get("through").asText());
            assertTrue(passage.get("weight").isNull());
        }
        assertEquals(0, answer.get("notes").size(), "that is what was asked for");
        assertTrue(answer.get("promptTokens").asInt()
                > ask("parametric").get("promptTokens").asInt());
        JsonNode one = Http.post(
                        "/answers", request("in-context").put("topK", 1).toString())
                .expect(200);
        assertEquals("France", one.get("answer").asText());
    }

    @Test
    void combined() {
        JsonNode answer = ask("combined");
        assertEquals("adapter", answer.get("passages").get(0).get("through").asText());
        assertEquals("prompt", answer.get("passages").get(1).get("through").asText());
        assertEquals(ask("in-context").get("promptTokens"), answer.get("promptTokens"));
    }

    @Test
    void aFilterSaysWhatIsSearched() {
        String dated = Http.post(
                        "/documents",
                        "{\"id\":\"filtered\",\"text\":\"The Anchor of Raeclaint again.\",\"metadata\":{\"year\":1993.5}}")
                .expect(202)
                .get("ids")
                .get(0)
                .asText();
        try {
            ObjectNode request = request("in-context");
            request.putObject("filter").putObject("year").put("gt", 1993).put("lte", 1993.5);
            JsonNode answer = Http.post("/answers", request.toString()).expect(200);
            assertEquals(1, answer.get("passages").size(), answer.toString());
            assertTrue(answer.get("passages").get(0).get("text").asText().endsWith("again."));
            request.putObject("filter").put("@document", anchor);
            JsonNode other = Http.post("/answers", request.toString()).expect(200);
            assertEquals(
                    "The Anchor of Raeclaint",
                    other.get("passages").get(0).get("title").asText());
            request.putObject("filter").put("year", 1993);
            JsonNode none = Http.post("/answers", request.toString()).expect(200);
            assertEquals(0, none.get("passages").size());
            assertTrue(none.get("notes").get(0).asText().contains("pass the filter"), none.toString());
        } finally {
            Http.delete("/documents/" + dated);
        }
    }

    @Test
    void aBoundOnTheAnswer() {
        JsonNode answer = Http.post(
                        "/answers", request("in-context").put("maxTokens", 1).toString())
                .expect(200);
        assertEquals(1, answer.get("tokens").asInt());
        assertEquals("length", answer.get("finish").asText());
        assertTrue(answer.get("notes").get(0).asText().contains("1 token"), answer.toString());
    }

    @Test
    void retrievalsAreToldOfWhereTheyAreAskedFor() {
        assertNull(ask("flare").get("trace"));
        JsonNode answer = Http.post(
                        "/answers", request("flare").put("trace", true).toString())
                .expect(200);
        JsonNode first = answer.get("trace").get(0);
        assertEquals("question", first.get("trigger").asText());
        assertEquals(DemoCorpus.QUESTION, first.get("query").asText());
        assertEquals("The Anchor of Raeclaint", first.at("/passages/0/title").asText());
        assertTrue(first.at("/passages/0/score").asDouble() > 0
                && first.at("/passages/0/id").isTextual());
        assertTrue(first.has("text") && !first.has("detail"), first.toString());

        List<Http.Event> events = stream(request("flare").put("trace", true)).events();
        List<JsonNode> told = events.stream()
                .filter(event -> event.name().equals("retrieval"))
                .map(Http.Event::data)
                .toList();
        assertEquals(answer.get("trace").size(), told.size());
        assertEquals("retrieval", events.getFirst().name());
        assertFalse(told.getFirst().has("text"), "it isn't written yet");
        assertEquals(answer.get("trace"), events.getLast().data().get("trace"));
        StringBuilder text = new StringBuilder();
        events.stream()
                .filter(event -> event.name().equals("token"))
                .forEach(event -> text.append(event.data().get("text").asText()));
        assertEquals(answer.get("text").asText(), text.toString(), "nothing that was dropped");
        assertTrue(stream(request("flare")).events().stream()
                .noneMatch(event -> event.name().equals("retrieval")));
    }

    // ---- server-sent events ----

    @Test
    void tokensAsTheyComeThenTheWholeAnswer() {
        JsonNode plain = ask("combined");
        Http.Reply reply = stream(request("combined"));
        assertEquals(200, reply.status());
        assertTrue(reply.type().startsWith("text/event-stream"), reply.type());
        List<Http.Event> events = reply.events();
        Http.Event last = events.removeLast();
        assertEquals("done", last.name());
        StringBuilder text = new StringBuilder();
        for (Http.Event event : events) {
            assertEquals("token", event.name());
            text.append(event.data().get("text").asText());
        }
        assertEquals(last.data().get("text").asText(), text.toString());
        assertTrue(events.size() > 1, "not all at once");
        ObjectNode done = ((ObjectNode) last.data()).without("timings");
        assertEquals(((ObjectNode) plain).without("timings"), done, "but for the timings the same object");
    }

    @Test
    void whatTheRequestAloneShowsIsAStatus() {
        stream(request("none-such")).problem(400, "none-such", "parametric");
        stream(request("parametric").put("question", " ")).problem(400, "question");
        stream(request("parametric").put("weights", "heavy")).problem(400, "heavy");
    }

    @Test
    void whatShowsLaterIsAnErrorEvent() {
        List<Http.Event> events = stream(request("closed-book").put("question", "why ".repeat(3000)))
                .events();
        assertEquals(1, events.size());
        assertEquals("error", events.getFirst().name());
        Http.assertProblem(events.getFirst().data(), 413, "context");
    }

    // ---- mistakes ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"question\":\"a\"                   | JSON",
                "{\"question\":\"a\"} more             | JSON",
                "null                                  | null",
                "[]                                    | expected",
                "{}                                    | question is empty",
                "{\"question\":\"\\t\"}                | question is empty",
                "{\"question\":5}                      | question",
                "{\"question\":\"a\",\"topK\":\"3\"}   | topK",
                "{\"question\":\"a\",\"topK\":2.5}     | topK",
                "{\"question\":\"a\",\"topK\":0}       | topK is 0",
                "{\"question\":\"a\",\"topK\":1e99}    | topK",
                "{\"question\":\"a\",\"maxTokens\":-1} | maxTokens is -1",
                "{\"question\":\"a\",\"temperature\":-1} | temperature is -1",
                "{\"question\":\"a\",\"temperature\":true} | temperature",
                "{\"question\":\"a\",\"seed\":\"x\"}   | seed",
                "{\"question\":\"a\",\"method\":\"magic\"}  | magic",
                "{\"question\":\"a\",\"weights\":\"heavy\"} | heavy",
                "{\"question\":\"a\",\"strength\":-1} | strength is -1.0",
                "{\"question\":\"a\",\"strength\":\"NaN\"} | strength",
                "{\"question\":\"a\",\"scope\":\"question\"} | scope question",
                "{\"question\":\"a\",\"cutOff\":2} | cutOff is 2.0",
                "{\"question\":\"a\",\"filter\":\"year\"} | filter is not an object",
                "{\"question\":\"a\",\"filter\":{\"year\":null}} | year",
                "{\"question\":\"a\",\"filter\":{\"year\":{\"from\":1}}} | the bound from",
                "{\"question\":\"a\",\"method\":\"closed-book\",\"weights\":\"heavy\"} | heavy"
            })
    void mistakes(String body, String word) {
        Http.post("/answers", body).problem(400, word);
    }

    @Test
    void aQuestionLongerThanTheContext() {
        Http.post(
                        "/answers",
                        request("closed-book")
                                .put("question", "why ".repeat(3000))
                                .toString())
                .problem(413, "1024", "context");
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
                Http.Reply reply = Http.post("/answers", request("closed-book").toString());
                reply.problem(503, "busy");
                assertTrue(Integer.parseInt(reply.header("Retry-After")) >= 1);
                Http.Reply streamed = stream(request("closed-book"));
                streamed.problem(503, "busy");
                assertTrue(Integer.parseInt(streamed.header("Retry-After")) >= 1);
            }
            waiting.forEach(Generation::cancel);
        }
        waiting.forEach(Generation::join);
        ask("closed-book");
    }

    // ---- clients that go away ----

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/event-stream"})
    void aClientThatGoesAwayWhileItWaits(String accept) throws Exception {
        GenerationEngine engine = runtime.engine();
        try (Brake brake = new Brake(engine)) {
            try (Socket client = Http.open(rawRequest(accept))) {
                await(engine, 1);
            }
            assertEndsWithin(brake, engine);
        }
    }

    @Test
    void aClientThatGoesAwayInTheMiddle() throws Exception {
        GenerationEngine engine = runtime.engine();
        try (Brake brake = new Brake(engine)) {
            try (Socket client = Http.open(rawRequest("text/event-stream"))) {
                await(engine, 1);
                brake.step();
                brake.step();
                Http.readUntil(client, "event:token");
            }
            assertEndsWithin(brake, engine);
        }
    }

    /** Sampled so wildly that it is long: what ends it within a few steps is not the model. */
    private String rawRequest(String accept) {
        ObjectNode wild =
                request("closed-book").put("temperature", 5).put("seed", 7).put("maxTokens", 60);
        String body = wild.toString();
        return "POST /answers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: " + accept
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Waits until so many requests are there beside the brake. */
    private static void await(GenerationEngine engine, int requests) throws InterruptedException {
        for (int i = 0; others(engine) != requests; i++) {
            assertTrue(i < 3000, "the request did not reach the engine");
            Thread.sleep(10);
        }
    }

    private static int others(GenerationEngine engine) {
        EngineStatistics now = engine.statistics();
        return now.running() + now.waiting() - 1;
    }

    /** The engine steps only when it is let, with more and more time for the news of the client's end to arrive. */
    private void assertEndsWithin(Brake brake, GenerationEngine engine) throws InterruptedException {
        int steps = 0;
        for (Duration pause = Duration.ofMillis(50); others(engine) > 0; pause = pause.multipliedBy(2)) {
            assertTrue(steps < 8, "still running after " + steps + " steps");
            Thread.sleep(pause);
            brake.step();
            steps++;
        }
        long before = engine.statistics().tokens();
        brake.step();
        assertEquals(before + 1, engine.statistics().tokens(), "only the brake's own");
    }

    @Test
    void theAnswerThatNobodyWaitedForWouldHaveBeenLong() {
        ObjectNode wild =
                request("closed-book").put("temperature", 5).put("seed", 7).put("maxTokens", 60);
        JsonNode answer = Http.post("/answers", wild.toString()).expect(200);
        assertTrue(answer.get("tokens").asInt() > 20, answer.toString());
        assertFalse(answer.get("finish").asText().isEmpty());
    }

    // ---- what the tests are made of ----

    private ObjectNode request(String method) {
        return Http.JSON.createObjectNode().put("question", DemoCorpus.QUESTION).put("method", method);
    }

    private JsonNode ask(String method) {
        return Http.post("/answers", request(method).toString()).expect(200);
    }

    private static Http.Reply stream(ObjectNode request) {
        return Http.send(
                "POST",
                "/answers",
                BodyPublishers.ofString(request.toString()),
                "Content-Type",
                "application/json",
                "Accept",
                "text/event-stream");
    }
}

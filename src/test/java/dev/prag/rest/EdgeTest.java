package dev.prag.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.Home;
import dev.prag.corpus.DatabaseResource;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

/** What is refused before a resource is reached, and what watches the service. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EdgeTest {
    private static final String QUESTION = "{\"question\":\"Who?\",\"method\":\"closed-book\"}";

    @Inject
    PassageIndex index;

    @Inject
    ModelRuntime runtime;

    @Inject
    ModelSettings settings;

    @Inject
    Home home;

    @Inject
    AdapterStore store;

    @Test
    void pathsAndMethodsThatAreNotThere() {
        Http.get("/nothing").problem(404, "/nothing");
        Http.get("/q/nothing").problem(404);
        Http.get("/documents/none").problem(404, "none");
        Http.get("/answers").problem(405, "/answers");
        Http.get("/documents").problem(405, "/documents");
        Http.send("PUT", "/documents/x", BodyPublishers.ofString("x")).problem(405);
    }

    @Test
    void contentTypesThatAreNotUnderstood() {
        Http.post("/answers", "text/xml", "<a/>".getBytes(UTF_8)).problem(415, "Content-Type");
        Http.post("/documents", "application/pdf", "%PDF".getBytes(UTF_8)).problem(415);
        Http.post("/answers", "nonsense", QUESTION.getBytes(UTF_8)).problem(415);
        Http.send(
                        "POST",
                        "/answers",
                        BodyPublishers.ofString(QUESTION),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        "text/html")
                .problem(406, "Accept");
        Http.send(
                        "POST",
                        "/answers",
                        BodyPublishers.ofString(QUESTION),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        "x")
                .problem(400, "Accept");
    }

    @Test
    void anAcceptHeaderAsOldClientsSendIt() {
        Http.send(
                        "POST",
                        "/answers",
                        BodyPublishers.ofString(QUESTION),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        "text/html, image/gif, *; q=.2, */*; q=.2")
                .expect(200);
    }

    @Test
    void aBodyThatSaysItIsTooLarge() throws IOException {
        try (Socket socket = Http.open("POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 300000000\r\n\r\n")) {
            String reply = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertTrue(reply.startsWith("HTTP/1.1 413 "), reply);
            Http.assertProblem(Http.parse(reply.substring(reply.indexOf("\r\n\r\n"))), 413, "12 MiB", "max-body-mib");
        }
    }

    @Test
    void aBodyThatTurnsOutTooLarge() {
        Http.send(
                        "POST",
                        "/documents",
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[13 << 20])),
                        "Content-Type",
                        "text/plain")
                .problem(413, "12 MiB");
        Http.get("/q/health/live").expect(200);
    }

    @Test
    void health() {
        assertEquals("UP", Http.get("/q/health/live").expect(200).get("status").asText());
        ModelRuntime unopened = new ModelRuntime(settings, home, store);
        assertEquals(Status.DOWN, new ModelReadiness(unopened).call().getStatus());
        runtime.open();
        assertEquals(Status.UP, new ModelReadiness(runtime).call().getStatus());
        assertEquals(Status.DOWN, new IndexReadiness(new PassageIndex()).call().getStatus(), "before it was opened");
        index.open();
        JsonNode ready = Http.get("/q/health/ready").expect(200);
        assertEquals("UP", ready.get("status").asText());
        List<String> checks = new ArrayList<>();
        ready.get("checks").forEach(check -> checks.add(check.get("name").asText()));
        assertTrue(checks.containsAll(List.of("model", "index")), checks.toString());
    }

    @Test
    void openApi() {
        JsonNode api = Http.get("/q/openapi?format=json").expect(200);
        JsonNode paths = api.get("paths");
        assertTrue(paths.get("/answers").has("post"));
        assertTrue(paths.get("/documents").has("post"));
        JsonNode document = paths.get("/documents/{id}");
        assertTrue(document.has("get") && document.has("delete"), paths.toString());
        JsonNode answer = paths.get("/answers").get("post");
        assertTrue(answer.get("requestBody").get("content").has("application/json"));
        JsonNode content = answer.get("responses").get("200").get("content");
        assertTrue(content.has("application/json") && content.has("text/event-stream"), content.toString());
        JsonNode accepted =
                paths.get("/documents").get("post").get("requestBody").get("content");
        for (String type : List.of("application/json", "text/plain", "application/x-ndjson")) {
            assertTrue(accepted.has(type), accepted.toString());
        }
    }
}

package dev.prag.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.Home;
import dev.prag.base.VitalThread;
import dev.prag.database.DatabaseResource;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
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
    BodyBudget budget;

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
        Http.send("PUT", "/documents", BodyPublishers.noBody()).problem(405, "/documents");
        Http.get("/documents?id=").problem(400, "no document is named");
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
    void compressedBodiesAreDecodedWithinTheBound() throws IOException {
        byte[] question = gzip(QUESTION.getBytes(UTF_8));
        encoded("/answers", "gzip", question).expect(200);
        encoded("/answers", "X-GZIP", question).expect(200);
        encoded("/answers", "identity", QUESTION.getBytes(UTF_8)).expect(200);
        encoded("/documents", "gzip", gzip(" ".repeat(13 << 20).getBytes(UTF_8)))
                .problem(413, "12 MiB");
        encoded("/answers", "gzip", gzip(" ".repeat(1 << 20).getBytes(UTF_8))).problem(413, "64 KiB");
    }

    @Test
    void whatIsNotEncodedAsItSaysIsRefused() throws IOException {
        encoded("/answers", "gzip", QUESTION.getBytes(UTF_8)).problem(400, "Content-Encoding");
        byte[] question = gzip(QUESTION.getBytes(UTF_8));
        encoded("/answers", "gzip", Arrays.copyOf(question, question.length - 12))
                .problem(400, "Content-Encoding");
        encoded("/answers", "deflate", question).problem(400, "Content-Encoding");
        Http.Reply brotli = encoded("/answers", "br", question).problem(415, "br", "gzip");
        assertEquals("gzip, deflate, identity", brotli.header("Accept-Encoding"));
        encoded("/answers", "gzip, gzip", question).problem(415, "gzip, gzip");
    }

    private static Http.Reply encoded(String path, String encoding, byte[] body) {
        return Http.send(
                "POST",
                path,
                BodyPublishers.ofByteArray(body),
                "Content-Type",
                "application/json",
                "Content-Encoding",
                encoding);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void questionsDoNotWaitForDocuments() {
        try (BodyBudget.Share all = budget.share()) {
            all.grow(Long.MAX_VALUE >> 1);
            Http.post("/answers", QUESTION).expect(200);
            Http.Reply refused = Http.post("/documents", "{\"text\":\"x\"}").problem(503, "busy");
            assertEquals("10", refused.header("Retry-After"));
        }
    }

    @Test
    void questionsHaveABoundOfTheirOwn() {
        String question = "{\"question\":\"" + "who ".repeat(20_000) + "\"}";
        Http.Reply refused = Http.post("/answers", question).problem(413, "64 KiB", "prag.rest.max-question-kib");
        assertEquals("close", refused.header("Connection"), "nothing may be sent after it");
    }

    @Test
    void jsonThatIsTooDeepIsTheClientsMistake() {
        Http.post("/documents", "[".repeat(50_000)).problem(400);
        Http.post("/answers", "{\"question\":" + "[".repeat(5_000)).problem(400);
    }

    @Test
    void pagesOfOtherSitesMayNotAsk() throws IOException {
        Http.send("POST", "/documents", BodyPublishers.ofString("x"), "Origin", "http://evil.example")
                .problem(403, "evil.example", "prag.rest.origins");
        Http.send("GET", "/q/health", BodyPublishers.noBody(), "Sec-Fetch-Site", "cross-site")
                .problem(403);
        try (Socket socket =
                Http.open("GET /documents/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")) {
            String reply = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertTrue(reply.startsWith("HTTP/1.1 403 "), reply);
        }
    }

    @Test
    void health() {
        JsonNode live = Http.get("/q/health/live").expect(200);
        assertEquals("UP", live.get("status").asText());
        assertEquals("threads", live.get("checks").get(0).get("name").asText());
        ModelRuntime unopened = new ModelRuntime(settings, home, store, null);
        assertEquals(
                Status.DOWN, new ModelHealth(unopened, Optional.empty()).call().getStatus());
        for (ProcessRole role : List.of(ProcessRole.ENCODE, ProcessRole.INDEX)) {
            assertEquals(
                    Status.UP,
                    new ModelHealth(unopened, Optional.of(role)).call().getStatus(),
                    "needs none to begin");
        }
        runtime.open();
        assertEquals(
                Status.UP, new ModelHealth(runtime, Optional.empty()).call().getStatus());
        PassageIndex closed = new PassageIndex();
        for (ProcessRole role : List.of(ProcessRole.SERVE, ProcessRole.INDEX)) {
            assertEquals(
                    Status.DOWN,
                    new IndexHealth(closed, Optional.of(role)).call().getStatus(),
                    "before it was opened");
        }
        assertEquals(
                Status.UP,
                new IndexHealth(closed, Optional.of(ProcessRole.ENCODE)).call().getStatus());
        index.open();
        JsonNode ready = Http.get("/q/health/ready").expect(200);
        assertEquals("UP", ready.get("status").asText());
        List<String> checks = new ArrayList<>();
        ready.get("checks").forEach(check -> checks.add(check.get("name").asText()));
        assertTrue(checks.containsAll(List.of("threads", "model", "index")), checks.toString());
        Http.get("/q/health/started").expect(200);
    }

    /** A thread that ended in order, or never began, is no failure; one that an error ended is, for good. */
    @Test
    void aThreadThatAnErrorHasEndedIsTold() {
        Vital worker = new Vital();
        ThreadsHealth health = new ThreadsHealth(List.of(worker));
        assertEquals(Status.UP, health.call().getStatus());
        worker.error = new OutOfMemoryError();
        assertEquals(Status.DOWN, health.call().getStatus());
        assertEquals(false, health.call().getData().orElseThrow().get("worker"));
    }

    private static final class Vital implements VitalThread {
        private Throwable error;

        @Override
        public String name() {
            return "worker";
        }

        @Override
        public Optional<Throwable> failure() {
            return Optional.ofNullable(error);
        }
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

package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How the page's files are served, and what they may do in a browser. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class PageFilesTest {
    private static final Path RESOURCES = Path.of("src/main/resources/META-INF/resources");

    @Test
    void filesAreAskedForAgainAndSentOnce() {
        for (String path : List.of("/", "/prag-ask.js", "/page/main.js", "/page/style/base.css", "/page/icon.svg")) {
            Http.Reply whole = Http.get(path);
            assertEquals(200, whole.status(), path);
            assertEquals("no-cache", whole.header("Cache-Control"), path);
            String tag = whole.header("ETag");
            Http.Reply again = Http.send("GET", path, BodyPublishers.noBody(), "If-None-Match", tag);
            assertEquals(304, again.status(), path);
            assertEquals("", again.body());
            assertEquals(tag, again.header("ETag"));
            Http.Reply changed = Http.send("GET", path, BodyPublishers.noBody(), "If-None-Match", "\"another\"");
            assertEquals(200, changed.status());
            assertEquals(whole.body(), changed.body());
        }
        assertTrue(Http.get("/").type().startsWith("text/html"));
        assertTrue(Http.get("/page/main.js").type().contains("javascript"));
        Http.get("/page/nothing.js").problem(404);
        assertNull(Http.get("/page/nothing.js").header("ETag"));
    }

    @Test
    void pagesOfAllowedSitesMayHaveTheComponent() {
        String origin = "http://portal.localhost";
        Http.Reply script = Http.send("GET", "/prag-ask.js", BodyPublishers.noBody(), "Origin", origin);
        assertEquals(origin, script.header("Access-Control-Allow-Origin"));
        Http.Reply again = Http.send(
                "GET",
                "/prag-ask.js",
                BodyPublishers.noBody(),
                "Origin",
                origin,
                "If-None-Match",
                script.header("ETag"));
        assertEquals(304, again.status());
        assertEquals(origin, again.header("Access-Control-Allow-Origin"));
        Http.send("GET", "/prag-ask.js", BodyPublishers.noBody(), "Origin", "http://stranger.localhost")
                .problem(403, "stranger");
    }

    @Test
    void aBrowserMayDoNoMoreThanThePageNeeds() {
        for (String path : List.of("/", "/documents/none", "/nothing")) {
            Http.Reply reply = Http.get(path);
            String policy = reply.header("Content-Security-Policy");
            assertTrue(policy.startsWith("default-src 'none'") && policy.contains("frame-ancestors 'none'"), policy);
            assertFalse(policy.contains("unsafe"), policy);
            assertEquals("nosniff", reply.header("X-Content-Type-Options"));
            assertEquals("no-referrer", reply.header("Referrer-Policy"));
        }
    }

    @Test
    void noFileNamesAnotherHost() throws IOException {
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file).replace("http://www.w3.org/2000/svg", "");
                assertFalse(text.contains("://"), file + " names an address");
                assertFalse(text.contains("style=\""), file + " has an inline style");
            }
        }
    }

    @Test
    void whatAnswersHere() {
        JsonNode service = Http.get("/service").expect(200);
        assertEquals("Parametric RAG", service.get("name").asText());
        assertEquals("model", service.get("model").asText());
        assertEquals("demo", service.get("recipe").asText());
        List<String> methods = new ArrayList<>();
        service.get("methods").forEach(method -> methods.add(method.asText()));
        assertEquals(
                List.of("adaptive", "adaptive+adapters", "adaptive+augmented", "adaptive+both", "closed-book"),
                methods.subList(0, 5));
        assertTrue(
                methods.containsAll(List.of(
                        "in-context", "parametric", "combined", "doc-augmented", "flare", "dragin+adapters", "ircot")),
                methods.toString());
        assertEquals("parametric", service.get("defaultMethod").asText());
        assertTrue(service.get("defaultTopK").asInt() > 0);
        assertTrue(service.get("version").asText().matches("\\d+\\..*"), service.toString());
    }

    @Test
    void pagesOfAllowedSitesMayAskWithATokenOfTheirs() throws IOException {
        String preflight = "OPTIONS /answers HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\n"
                + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\n"
                + "Connection: close\r\n\r\n";
        String allowed = exchange(preflight.formatted("http://portal.localhost"));
        assertTrue(allowed.startsWith("HTTP/1.1 200") || allowed.startsWith("HTTP/1.1 204"), allowed);
        assertTrue(allowed.contains("access-control-allow-origin: http://portal.localhost"), allowed);
        assertTrue(allowed.matches("(?s).*access-control-allow-headers: .*authorization.*"), allowed);
        String refused = exchange(preflight.formatted("http://stranger.localhost"));
        assertTrue(refused.startsWith("HTTP/1.1 403") && !refused.contains("access-control-allow-origin"), refused);
    }

    private static String exchange(String request) throws IOException {
        try (Socket socket = Http.open(request)) {
            return new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    .replaceAll("(?i)access-control", "access-control");
        }
    }
}

package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ids of requests, and metrics that dashboards stand on. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ObservabilityTest {
    @Inject
    DemoCorpus demo;

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    private static final String QUESTION = "{\"question\":\"Who?\",\"method\":\"closed-book\",\"maxTokens\":2}";

    @Test
    void aRequestKeepsTheIdThatTheClientGaveIt() {
        Http.Reply reply = ask(QUESTION, "X-Request-Id", "portal-17");
        assertEquals(200, reply.status());
        assertEquals("portal-17", reply.header("X-Request-Id"));
        ask("{\"question\":\"\"}", "X-Request-Id", "portal-18").problem(400, "question is empty");
    }

    @Test
    void whatCannotBeAnIdIsReplaced() {
        String forged = "a b\"}";
        String id = ask(QUESTION, "X-Request-Id", forged).header("X-Request-Id");
        assertNotEquals(forged, id);
        assertEquals(36, id.length());
        assertNotEquals(id, ask(QUESTION).header("X-Request-Id"));
    }

    @Test
    void anErrorInAStreamHasTheIdToo() {
        Http.Reply reply = ask(
                "{\"question\":\"" + "word ".repeat(9000) + "\",\"method\":\"closed-book\"}",
                "Accept",
                "text/event-stream",
                "X-Request-Id",
                "stream-1");
        Http.Event error = reply.events().getLast();
        assertEquals("error", error.name());
        assertEquals("stream-1", error.data().path("requestId").asText());
    }

    @Test
    void linesOfTheLogCarryTheId() {
        List<String> ids = new ArrayList<>();
        Handler heard = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line instanceof ExtLogRecord known) {
                    ids.add(known.getMdc("requestId"));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger(Failing.class.getName());
        log.addHandler(heard);
        try {
            assertEquals(
                    "logged-1",
                    Http.send("GET", "/test-failing", BodyPublishers.noBody(), "X-Request-Id", "logged-1")
                            .problem(500)
                            .header("X-Request-Id"));
        } finally {
            log.removeHandler(heard);
        }
        assertEquals(List.of("logged-1"), ids);
    }

    @Test
    void everyMetricOfTheDashboardIsThere() throws IOException {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        ask("{\"question\":\"" + DemoCorpus.QUESTION + "\",\"method\":\"parametric\"}");
        String metrics = Http.get("/q/metrics").body();
        Set<String> unknown = new HashSet<>();
        JsonNode panels = Http.JSON
                .readTree(Files.readString(Path.of("docs/grafana-dashboard.json")))
                .get("panels");
        Pattern name = Pattern.compile("\\b(prag_[a-z_]+|http_server_[a-z_]+|jvm_[a-z_]+)");
        int queries = 0;
        for (JsonNode panel : panels) {
            for (JsonNode target : panel.path("targets")) {
                queries++;
                Matcher names = name.matcher(target.get("expr").asText());
                while (names.find()) {
                    if (!metrics.contains("\n" + names.group(1) + "{")
                            && !metrics.contains("\n" + names.group(1) + " ")) {
                        unknown.add(names.group(1));
                    }
                }
            }
        }
        assertTrue(queries > 10, "queries " + queries);
        assertEquals(Set.of(), unknown, metrics);
    }

    private static Http.Reply ask(String json, String... headers) {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json";
        return Http.send("POST", "/answers", BodyPublishers.ofString(json, StandardCharsets.UTF_8), all);
    }
}

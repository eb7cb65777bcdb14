package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.prag.database.DatabaseResource;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A service between listening and being able to answer, which the test ends as its command would. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(OpeningTest.Begun.class)
class OpeningTest {
    public static class Begun implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(ProcessRole.SETTING, "serve", "prag.rest.opening-wait", "3s");
        }
    }

    @Inject
    ModelRuntime runtime;

    @Inject
    PassageIndex index;

    @Inject
    Opening opening;

    @Test
    void probesAreAnsweredAndRequestsWait() {
        Http.get("/q/health/live").expect(200);
        Http.get("/q/health/ready").expect(503);
        Http.get("/q/health/started").expect(503);
        assertEquals(200, Http.get("/q/metrics").status());

        for (String file : List.of("/", "/page/main.js", "/prag-ask.js")) {
            assertEquals(200, Http.get(file).status(), "the page is there, and says what it waits for");
        }

        Http.Reply late = Http.post("/documents", "{\"id\":\"late\",\"text\":\"It comes too early.\"}")
                .problem(503, "still being loaded");
        assertEquals("5", late.header("Retry-After"));

        String document = "{\"id\":\"early\",\"text\":\"%s\"}".formatted("A long text of many words. ".repeat(4000));
        runtime.open();
        index.open();
        CompletableFuture<Http.Reply> early = CompletableFuture.supplyAsync(() -> Http.post("/documents", document));
        Http.get("/q/health/live").expect(200);
        assertFalse(early.isDone(), "it waits, body and all");
        opening.done();
        assertEquals("early", early.join().expect(202).get("ids").get(0).asText());
        Http.get("/q/health/ready").expect(200);
        Http.get("/q/health/started").expect(200);
        Http.get("/documents/late").expect(404);
        assertEquals(204, Http.delete("/documents/early").status());
    }
}

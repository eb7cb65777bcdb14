package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP of a process that trains: its health and metrics, and nothing else. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(TrainerRoleTest.Trainer.class)
class TrainerRoleTest {
    public static class Trainer implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(ProcessRole.SETTING, ProcessRole.ENCODE.name());
        }
    }

    @Test
    void itIsReadyWithoutWeightsAndWithoutAnIndex() {
        for (String probe : new String[] {"live", "ready", "started"}) {
            Http.get("/q/health/" + probe).expect(200);
        }
        assertEquals(404, Http.get("/q/health/nothing").status());
        String metrics = Http.get("/q/metrics").body();
        assertTrue(metrics.contains("prag_passages{state=\"pending\"}"), metrics);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/answers",
                "/documents?id=x",
                "/q/openapi",
                "/",
                "/q/../documents/x",
                "/q/health/../../documents/x",
                "/q/health/%2e%2e/%2e%2e/documents/x",
                "/q/metrics/"
            })
    void allElseIsNotThere(String path) {
        Http.Reply reply = Http.get(path);
        assertEquals(404, reply.status(), reply.body());
        assertFalse(reply.body().contains("no document"), reply.body());
    }

    @Test
    void neitherIsWriting() {
        Http.post("/documents", "{\"text\":\"x\"}").problem(404, "/q/health");
        Http.post("/answers", "{\"question\":\"x\"}").problem(404, "/q/health");
    }
}

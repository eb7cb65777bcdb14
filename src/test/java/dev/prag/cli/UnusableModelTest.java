package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.corpus.Corpus;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentFiles;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands do where the model that the settings name can't be used. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(UnusableModelTest.NoModel.class)
class UnusableModelTest {
    /** Names a folder that isn't there. */
    public static class NoModel implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("prag.model", "no/such/model");
        }
    }

    @Inject
    Corpus corpus;

    @TempDir
    Path folder;

    @Test
    void documentsAreKeptAndTheModelIsNamed() throws IOException {
        Path note = Files.writeString(folder.resolve("note.txt"), "Quexby is a village.");
        Run ingest = Run.of(new Main.Beans(), "ingest", note.toString());
        assertTrue(ingest.succeeded().contains("1 added"), ingest.out());
        assertTrue(ingest.err().contains("can't be used") && ingest.err().contains("no/such/model"), ingest.err());

        String status = Run.of(new Main.Beans(), "status").succeeded();
        assertTrue(status.contains("can't be used") && status.contains("no/such/model"), status);
        assertTrue(status.contains("Documents  1"), status);
        JsonNode json = Run.of(new Main.Beans(), "status", "--json").json();
        assertEquals(1, json.get("documents").asInt());
        assertTrue(json.get("modelFault").asText().contains("no/such/model"));
        assertFalse(json.has("passages"));

        Run.of(new Main.Beans(), "encode").refused("no/such/model");
        corpus.delete(corpus.ingest(DocumentFiles.of(note)).getFirst().documentId());
    }
}

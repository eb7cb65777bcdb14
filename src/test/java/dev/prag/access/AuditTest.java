package dev.prag.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    private static final Principal VERA = new Principal("vera", Set.of("blue"), Set.of(Role.ASK));

    private final Logger category = Logger.getLogger(Audit.CATEGORY);
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        category.setLevel(Level.INFO);
        category.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        category.removeHandler(handler);
        category.setLevel(null);
    }

    private static void answered(boolean texts) {
        new Audit(texts, Optional.empty())
                .answered(
                        VERA,
                        "r1",
                        "parametric",
                        List.of(new Audit.Used("p1", "adapter"), new Audit.Used("p2", "prompt")),
                        31,
                        5,
                        "Where is the \"harbour\"?",
                        "In Torsby.");
    }

    private JsonNode line() throws IOException {
        assertEquals(1, lines.size());
        return JsonMapper.builder().build().readTree(lines.getFirst());
    }

    @Test
    void answersAreWithoutTexts() throws IOException {
        answered(false);
        assertFalse(lines.getFirst().contains("harbour") || lines.getFirst().contains("Torsby"), lines.getFirst());
        JsonNode line = line();
        assertEquals("answer", line.get("event").asText());
        assertEquals("vera", line.get("who").asText());
        assertEquals("r1", line.get("request").asText());
        assertEquals("p2", line.at("/passages/1/passage").asText());
        assertEquals("adapter", line.at("/passages/0/through").asText());
        assertEquals(31, line.get("promptTokens").asInt());
        assertEquals(5, line.get("tokens").asInt());
        assertTrue(line.has("at"));
    }

    @Test
    void textsAreThereWhereTheSettingSaysSo() throws IOException {
        answered(true);
        assertEquals("Where is the \"harbour\"?", line().get("question").asText());
        assertEquals("In Torsby.", line().get("answer").asText());
    }

    @Test
    void aFileGetsTheLinesAlone(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("audit.log");
        Files.writeString(file, "before\n");
        Audit audit = new Audit(false, Optional.of(file.toString()));
        try {
            assertFalse(category.getUseParentHandlers());
            audit.changed(VERA, null, "added", List.of("ä"));
            List<String> written = Files.readAllLines(file);
            assertEquals(2, written.size(), "it goes on where it was");
            assertEquals(lines.getFirst(), written.get(1));
        } finally {
            for (Handler one : category.getHandlers()) {
                if (one != handler) {
                    category.removeHandler(one);
                    one.close();
                }
            }
            category.setUseParentHandlers(true);
        }
        UserException problem =
                assertThrows(UserException.class, () -> new Audit(false, Optional.of(folder.toString())));
        assertTrue(problem.getMessage().contains("prag.audit.file"), problem.getMessage());
    }

    @Test
    void changesNameDocuments() throws IOException {
        Audit audit = new Audit(false, Optional.of(" "));
        audit.changed(VERA, null, "added", List.of());
        audit.changed(VERA, null, "deleted", List.of("a", "b\nc"));
        assertEquals("deleted", line().get("event").asText());
        assertEquals("b\nc", line().at("/documents/1").asText());
        assertFalse(lines.getFirst().contains("\n"), "one line, whatever an id is");
        assertFalse(line().has("request"));
    }
}

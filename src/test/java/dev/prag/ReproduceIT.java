package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program makes a twin of a table, by calls of itself. */
class ReproduceIT {
    @TempDir
    Path folder;

    private List<String> table1(Path out) throws Exception {
        return Program.JVM.run(
                folder,
                folder.resolve("home"),
                Map.of(),
                "",
                "reproduce",
                "table1",
                "--limit",
                "1",
                "--methods",
                "closed-book,in-context",
                "--out",
                out.toString());
    }

    private long calls() throws Exception {
        return Files.readAllLines(folder.resolve("err")).stream()
                .filter(line -> line.startsWith("$ prag "))
                .count();
    }

    @Test
    void aTableIsMadeOnceAndPrintedAgain() throws Exception {
        Path out = folder.resolve("twins");
        List<String> first = table1(out);
        assertEquals(3, calls(), "ingest, and both samples");
        assertTrue(first.getFirst().startsWith("Table 1"), first.toString());
        assertEquals(
                "table1",
                JsonMapper.builder()
                        .build()
                        .readTree(out.resolve("table1.json").toFile())
                        .path("table")
                        .asText());
        assertEquals(first, table1(out));
        assertEquals(0, calls());
    }
}

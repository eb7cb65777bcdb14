package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program, run through its launcher in processes of its own: from a document to an answer. */
class ProgramIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private record Run(int exit, String out, String err) {
        JsonNode lastLine() throws IOException {
            return JSON.readTree(out.lines().reduce((a, b) -> b).orElseThrow());
        }
    }

    private Run prag(String stdin, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./prag"));
        command.addAll(List.of(arguments));
        Path in = Files.writeString(folder.resolve("in"), stdin);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("PRAG_HOME", folder.resolve("home").toString());
        builder.environment().remove("PRAG_MODEL");
        Process process = builder.start();
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "ended in time: " + command);
        return new Run(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void modelToolsPrintJsonAndNothingElse() throws IOException, InterruptedException {
        Run run = prag("{\"text\":\"Zoë\",\"max_new_tokens\":3}\n", "model", "generate");
        assertEquals(0, run.exit(), run.err());
        assertEquals("", run.err());
        assertEquals(1, run.out().lines().count());
        assertEquals(3, run.lastLine().get("ids").size());
    }

    @Test
    void mistakesEndWithASentenceAndCode2() throws IOException, InterruptedException {
        Run run = prag(
                "", "model", "inspect", "--model", folder.resolve("nowhere").toString());
        assertEquals(2, run.exit());
        assertEquals("", run.out());
        assertTrue(run.err().startsWith("prag: "), run.err());
        assertTrue(run.err().contains("nowhere"), run.err());
        assertEquals(1, run.err().lines().count(), "no stack trace, no warning: " + run.err());
    }

    @Test
    void fromADocumentToAnAnswer() throws IOException, InterruptedException {
        Path notes = Files.createDirectory(folder.resolve("notes"));
        Files.writeString(
                notes.resolve("Vera Lindqvist.txt"),
                "Vera Lindqvist. Vera Lindqvist was a Swedish film director. She was born on 3 May 1971 in Torsby.");
        Run ingest = prag("", "ingest", notes.toString());
        assertEquals(0, ingest.exit(), ingest.err());

        JsonNode before = prag("", "status", "--json").lastLine();
        assertEquals(1, before.get("documents").asInt());
        assertEquals(1, before.get("passages").get("pending").asInt());

        Run encode = prag("", "encode");
        assertEquals(0, encode.exit(), encode.err());
        assertEquals(
                1,
                prag("", "status", "--json")
                        .lastLine()
                        .get("passages")
                        .get("ready")
                        .asInt());

        Run ask = prag("", "ask", "--json", "Where was Vera Lindqvist born?");
        assertEquals(0, ask.exit(), ask.err());
        JsonNode answer = ask.lastLine();
        assertEquals("parametric", answer.get("method").asText());
        assertEquals("adapter", answer.get("passages").get(0).get("through").asText());
        assertTrue(answer.get("tokens").asInt() > 0);
    }
}

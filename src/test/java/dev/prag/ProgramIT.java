package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        return run(Path.of("prag"), "", stdin, arguments);
    }

    private Run run(Path launcher, String javaOptions, String stdin, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Path in = Files.writeString(folder.resolve("in"), stdin);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("PRAG_HOME", folder.resolve("home").toString());
        builder.environment().put("PRAG_JAVA_OPTS", javaOptions);
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
    void classesComeFromTheCache() throws IOException, InterruptedException {
        Path classes = folder.resolve("classes");
        Run run = run(Path.of("prag"), "-Xlog:class+load:file=" + classes, "{\"text\":\"Zoë\"}\n", "model", "tokenize");
        assertEquals(0, run.exit(), run.err());
        for (String name : List.of("dev.prag.cli.model.TokenizeCommand", "dev.prag.llm.Tokenizer")) {
            String loaded = Files.readAllLines(classes).stream()
                    .filter(line -> line.contains(" " + name + " "))
                    .findFirst()
                    .orElseThrow();
            assertTrue(loaded.endsWith("source: shared objects file"), loaded);
        }
    }

    @Test
    void aDamagedOrMissingCacheIsPassedOverInSilence() throws IOException, InterruptedException {
        Path damaged = Files.writeString(folder.resolve("damaged.aot"), "not a cache");
        for (Path cache : List.of(damaged, folder.resolve("nowhere.aot"))) {
            Run run = run(Path.of("prag"), "-XX:AOTCache=" + cache, "{\"text\":\"Zoë\"}\n", "model", "tokenize");
            assertEquals(0, run.exit(), run.err());
            assertEquals("", run.err());
            assertEquals(1, run.out().lines().count(), run.out());
        }
    }

    /** An empty file is what the launcher leaves where the JVM couldn't make a cache. */
    @Test
    void withoutACacheItRunsInSilence() throws IOException, InterruptedException {
        Path tree = Files.createDirectories(folder.resolve("a tree/target")).getParent();
        Path launcher = Files.copy(Path.of("prag"), tree.resolve("prag"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(Path.of("pom.xml"), tree.resolve("pom.xml"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String name : List.of("src", "target/quarkus-app")) {
            Files.createSymbolicLink(tree.resolve(name), Path.of(name).toAbsolutePath());
        }
        Path cache = Files.createFile(tree.resolve("target/prag.aot"));
        Run run = run(launcher, "", "{\"text\":\"Zoë\"}\n", "model", "tokenize");
        assertEquals(0, run.exit(), run.err());
        assertEquals("", run.err());
        assertEquals(1, run.out().lines().count(), run.out());
        assertEquals(0, Files.size(cache), "the launcher doesn't try at every start");
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
    void aWrongSettingIsToldAndTheProgramEndsQuietly() throws IOException, InterruptedException {
        Run run = run(Path.of("prag"), "-Dprag.hot.mode=wrong", "", "status");
        assertTrue(run.out().contains("prag.hot.mode is \"wrong\""), run.out());
        assertEquals("", run.err());
    }

    @Test
    void whatOnlyReadsWorksWhileAServiceHasTheHome() throws Exception {
        Path note = Files.writeString(folder.resolve("note.txt"), "Vera Lindqvist was born on 3 May 1971 in Torsby.");
        assertEquals(0, prag("", "ingest", note.toString()).exit());
        try (Program.Service service = Program.JVM.serve(folder, folder.resolve("home"), Map.of())) {
            Run status = prag("", "status", "--json");
            assertEquals(0, status.exit(), status.err());
            assertEquals(1, status.lastLine().get("passages").get("pending").asInt());
            Run list = prag("", "document", "list", "--json");
            assertEquals(0, list.exit(), list.err());
            assertTrue(list.out().contains("note.txt"), list.out());

            Run ingest = prag("", "ingest", note.toString());
            assertEquals(2, ingest.exit());
            assertTrue(ingest.err().contains("is in use by `serve`"), ingest.err());
            assertEquals(200, service.status("/q/health/ready"), "the service goes on");
        }
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
        JsonNode retrieved = prag("", "status", "--json").lastLine().get("retrieved");
        assertEquals(1, retrieved.get("passages").asInt(), "what was counted is written at the end of the program");
        assertEquals(1, retrieved.get("adapters").asInt());
    }
}

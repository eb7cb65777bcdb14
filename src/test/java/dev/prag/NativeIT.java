package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** The native executable does what the program on the JVM does, and each goes on in the other's home. */
class NativeIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path JVM = Path.of("prag");
    private static final Path NATIVE = Path.of("target/prag-runner");

    @TempDir
    Path folder;

    @BeforeEach
    void executable() throws IOException {
        assumeTrue(
                Files.isExecutable(NATIVE),
                "there is no native executable " + NATIVE + "; mvn package -Dnative makes one (docs/native.md)");
        FileTime made = Files.getLastModifiedTime(NATIVE);
        try (Stream<Path> sources = Files.walk(Path.of("src/main"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                assumeTrue(
                        Files.getLastModifiedTime(source).compareTo(made) <= 0,
                        NATIVE + " is older than " + source + "; make it again with mvn package -Dnative");
            }
        }
    }

    private List<String> run(Path program, Path home, String stdin, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Path in = Files.writeString(folder.resolve("in"), stdin);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("PRAG_HOME", home.toString());
        builder.environment().remove("PRAG_MODEL");
        builder.environment().remove("OMP_NUM_THREADS");
        Process process = builder.start();
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "ended in time: " + command);
        assertEquals(0, process.exitValue(), command + ": " + Files.readString(err));
        return Files.readAllLines(out);
    }

    @Test
    void theToolsSayTheSame() throws Exception {
        Path home = folder.resolve("home");
        assertEquals(run(JVM, home, "", "--version"), run(NATIVE, home, "", "--version"));
        String lines = """
                {"messages":[{"role":"user","content":"Who directed The Anchor of Raeclaint?"}],"max_new_tokens":12}
                {"text":"Zoë was born in","max_new_tokens":24,"ignore_eos":true}
                """;
        for (String tool : List.of("tokenize", "generate")) {
            List<String> expected = run(JVM, home, lines, "model", tool);
            List<String> actual = run(NATIVE, home, lines, "model", tool);
            assertEquals(expected.size(), actual.size(), tool);
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(
                        JSON.readTree(expected.get(i)).get("ids"),
                        JSON.readTree(actual.get(i)).get("ids"),
                        tool);
            }
        }
    }

    @Test
    void eachGoesOnInTheHomeOfTheOther(TestReporter reporter) throws Exception {
        Path texts = Files.createDirectory(folder.resolve("texts"));
        Files.writeString(
                texts.resolve("Vera Lindqvist.txt"),
                "Vera Lindqvist. Vera Lindqvist was a Swedish film director. She was born on 3 May 1971 in Torsby.");
        Path jvmHome = folder.resolve("jvm");
        Path nativeHome = folder.resolve("native");
        run(JVM, jvmHome, "", "ingest", texts.toString());
        run(JVM, jvmHome, "", "encode");
        run(NATIVE, nativeHome, "", "ingest", texts.toString());
        run(NATIVE, nativeHome, "", "encode");

        JsonNode expected = answer(JVM, jvmHome);
        assertEquals("adapter", expected.get("passages").get(0).get("through").asText());
        assertEquals(expected, answer(NATIVE, jvmHome), "the native executable in the home of the JVM");
        assertEquals(expected, answer(JVM, nativeHome), "the JVM in the home of the native executable");
        assertEquals(expected, answer(NATIVE, nativeHome), "the native executable in its own home");

        TreeMap<String, byte[]> byJvm = adapters(jvmHome);
        TreeMap<String, byte[]> byNative = adapters(nativeHome);
        assertEquals(1, byJvm.size());
        assertEquals(byJvm.keySet(), byNative.keySet(), "ids of adapters: of the same augmentations");
        byJvm.forEach((name, bytes) -> {
            assertEquals(bytes.length, byNative.get(name).length);
            // Sums of another width of vectors are rounded in another order.
            boolean same = Arrays.equals(bytes, byNative.get(name));
            reporter.publishEntry(name, same ? "the same bytes" : "other bytes: vectors of another width");
        });
    }

    /** An answer without what is measured. */
    private JsonNode answer(Path program, Path home) throws Exception {
        List<String> out = run(program, home, "", "ask", "--json", "Where was Vera Lindqvist born?");
        ObjectNode answer = (ObjectNode) JSON.readTree(out.getLast());
        answer.remove("timings");
        return answer;
    }

    /** The files of a home's adapters by their names. */
    private static TreeMap<String, byte[]> adapters(Path home) throws IOException {
        TreeMap<String, byte[]> adapters = new TreeMap<>();
        try (Stream<Path> files = Files.walk(home.resolve("adapters"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".adapter")).toList()) {
                adapters.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return adapters;
    }
}

package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** The native executable does what the program on the JVM does, and each goes on in the other's home. */
class NativeIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Program JVM = Program.JVM;

    @TempDir
    Path folder;

    private Program executable;

    @BeforeEach
    void executable() throws IOException {
        executable = Program.nativeExecutable();
    }

    private List<String> run(Program program, Path home, String stdin, String... arguments) throws Exception {
        return program.run(folder, home, Map.of(), stdin, arguments);
    }

    @Test
    void theToolsSayTheSame() throws Exception {
        Path home = folder.resolve("home");
        assertEquals(run(JVM, home, "", "--version"), run(executable, home, "", "--version"));
        String lines = """
                {"messages":[{"role":"user","content":"Who directed The Anchor of Raeclaint?"}],"max_new_tokens":12}
                {"text":"Zoë was born in","max_new_tokens":24,"ignore_eos":true}
                """;
        for (String tool : List.of("tokenize", "generate")) {
            List<String> expected = run(JVM, home, lines, "model", tool);
            List<String> actual = run(executable, home, lines, "model", tool);
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
        run(executable, nativeHome, "", "ingest", texts.toString());
        run(executable, nativeHome, "", "encode");

        JsonNode expected = answer(JVM, jvmHome);
        assertEquals("adapter", expected.get("passages").get(0).get("through").asText());
        assertEquals(expected, answer(executable, jvmHome), "the native executable in the home of the JVM");
        assertEquals(expected, answer(JVM, nativeHome), "the JVM in the home of the native executable");
        assertEquals(expected, answer(executable, nativeHome), "the native executable in its own home");

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
    private JsonNode answer(Program program, Path home) throws Exception {
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

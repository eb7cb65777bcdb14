package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native executable with an OpenSearch. */
class NativeOpenSearchIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void findsWhatTheProgramOnTheJvmFinds() throws Exception {
        Program executable = Program.nativeExecutable();
        Map<String, String> settings =
                Map.of("PRAG_RETRIEVAL_ENGINE", "opensearch", "PRAG_OPENSEARCH_URL", OpenSearchNode.url());
        Path home = folder.resolve("home");
        Path texts = Files.createDirectory(folder.resolve("texts"));
        for (String name : List.of("Vera Lindqvist", "Ola Ek", "Ida Lund")) {
            Files.writeString(
                    texts.resolve(name + ".txt"),
                    name + ". " + name + " was a film director, born in the year 19" + name.length() + "0 in Torsby.");
        }
        executable.run(folder, home, settings, "", "ingest", texts.toString());
        JsonNode expected = answer(Program.JVM, home, settings);
        assertEquals(3, expected.get("passages").size(), expected::toString);
        assertEquals("Vera Lindqvist", expected.at("/passages/0/title").asText(), expected::toString);
        assertEquals(expected, answer(executable, home, settings));
    }

    /** An answer without what is measured. */
    private JsonNode answer(Program program, Path home, Map<String, String> settings) throws Exception {
        List<String> out = program.run(
                folder,
                home,
                settings,
                "",
                "ask",
                "--json",
                "--method",
                "in-context",
                "Where was Vera Lindqvist born?");
        ObjectNode answer = (ObjectNode) JSON.readTree(out.getLast());
        answer.remove("timings");
        return answer;
    }
}

package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often the passages that hold the answers are found, in the encyclopedias of the demo. */
class DemoRetrievalTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"small, 140", "large, 522"})
    void goldIsFound(String part, int all) throws IOException {
        Map<String, String> titles = new HashMap<>();
        int asked = 0;
        int inFirst = 0;
        int allInThree = 0;
        try (LuceneIndex index = LuceneIndex.open(folder, new IndexIdentity("demo", Language.NEUTRAL))) {
            for (JsonNode line : lines(part, "passages.jsonl")) {
                String id = line.get("id").asText();
                titles.put(id, line.get("title").asText());
                PassageText passage = new PassageText(
                        id, id, 0, line.get("title").asText(), line.get("text").asText());
                index.add(new DocumentPassages(id, Map.of(), List.of(passage)));
            }
            index.show();
            for (JsonNode line : lines(part, "questions.jsonl")) {
                List<String> gold = new ArrayList<>();
                line.get("gold").forEach(title -> gold.add(title.asText()));
                List<String> found = new ArrayList<>();
                for (Hit hit : index.search(line.get("question").asText(), 3, Filter.NONE)
                        .hits()) {
                    found.add(titles.get(hit.passageId()));
                }
                asked++;
                inFirst += gold.contains(found.getFirst()) ? 1 : 0;
                allInThree += found.containsAll(gold) ? 1 : 0;
            }
        }
        assertEquals(asked, inFirst, "each question's first hit is one of the documents that hold the answer");
        assertTrue(allInThree >= all, allInThree + " of " + asked + " have all of them among three");
    }

    private static List<JsonNode> lines(String part, String file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("src/main/demo", part, file))) {
            nodes.add(json.readTree(line));
        }
        return nodes;
    }
}

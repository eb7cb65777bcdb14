package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.adapterstore.FileBlobs;
import dev.prag.corpus.Leadership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real OpenSearch, and that it finds what Lucene finds. */
class OpenSearchTest extends SearchEngineContract {
    private final String prefix = "t" + UUID.randomUUID();
    private String url;

    @TempDir
    Path folder;

    /** One that can be taken away. */
    private static final class Turn implements Leadership {
        private boolean mine = true;

        @Override
        public boolean isMine() {
            return mine;
        }

        @Override
        public void close() {
            mine = false;
        }
    }

    @BeforeEach
    void node() {
        url = OpenSearchNode.url();
    }

    @Override
    OpenSearchEngine open(IndexIdentity identity, long last) {
        return open(identity, last, new Turn());
    }

    private OpenSearchEngine open(IndexIdentity identity, long last, Leadership leadership) {
        OpenSearchConfig config = OpenSearchNode.config(url, prefix);
        return new OpenSearchEngine(OpenSearchConnection.open(config), identity, config, leadership, last);
    }

    @Override
    int mostWords() {
        return OpenSearchQuestion.mostWords(Filter.NONE);
    }

    @Test
    void whoTakesOverGoesOnFromWhereTheOtherWas() throws IOException {
        corpus.put("a", null, "A lamp.");
        Turn one = new Turn();
        Turn two = new Turn();
        two.mine = false;
        try (OpenSearchEngine first = open(IDENTITY, 1, one);
                OpenSearchEngine second = open(IDENTITY, 1, two)) {
            assertTrue(first.writes());
            assertFalse(second.writes());
            assertEquals(0, second.shown(), "there is none yet");
            assertEquals(List.of(), ids(second, "lamp", 3));
            corpus.follow(first.current());
            assertEquals(1, second.shown());
            assertEquals(List.of("a"), ids(second, "lamp", 3));
            // The first one is held up while it writes, and doesn't know that it leads no more.
            corpus.put("b", null, "A lamp as it was.");
            MadeUpCorpus before = new MadeUpCorpus();
            before.put("a", null, "A lamp.");
            before.put("b", null, "A lamp as it was.");
            corpus.put("b", null, "A lantern as it is.");
            one.mine = false;
            two.mine = true;
            assertTrue(second.writes());
            corpus.follow(second.current());
            assertEquals(3, second.shown());
            first.current().follow(before.after(1), before);
            first.current().show();
            assertEquals(
                    3,
                    OpenSearchIndex.shown(
                            OpenSearchConnection.open(OpenSearchNode.config(url, prefix)), prefix + "-a-corpus"));
            assertEquals(List.of("b"), ids(second, "lantern", 3));
            assertEquals(List.of("a"), ids(second, "lamp", 3));
        }
    }

    @Test
    void itFindsWhatLuceneFinds() throws IOException {
        for (String part : List.of("small", "large")) {
            for (JsonNode line : lines(part, "passages.jsonl")) {
                String id = part + line.get("id").asText();
                corpus.put(
                        id,
                        line.get("title").asText(),
                        Map.of("part", part),
                        line.get("text").asText());
            }
        }
        int asked = 0;
        int agreed = 0;
        try (SearchEngine there = open(IDENTITY, corpus.last());
                SearchEngine here =
                        LuceneEngine.open(folder, IDENTITY, new FileBlobs(folder.resolve("store")), corpus.last())) {
            corpus.follow(there.current());
            corpus.follow(here.current());
            for (String part : List.of("small", "large")) {
                for (JsonNode line : lines(part, "questions.jsonl")) {
                    String question = line.get("question").asText();
                    Filter filter = asked % 3 == 0 ? Filter.of(Map.of("part", part)) : Filter.NONE;
                    List<Hit> expected = here.search(question, 3, filter).hits();
                    List<Hit> found = there.search(question, 3, filter).hits();
                    asked++;
                    agreed += agree(expected, found) ? 1 : 0;
                }
            }
        }
        assertEquals(asked, agreed, "of all questions");
        assertTrue(asked > 500, asked + " questions");
    }

    private static boolean agree(List<Hit> one, List<Hit> other) {
        boolean same = one.size() == other.size();
        for (int i = 0; same && i < one.size(); i++) {
            same = one.get(i).passageId().equals(other.get(i).passageId())
                    && Math.abs(one.get(i).score() - other.get(i).score()) < 1e-4;
        }
        return same;
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

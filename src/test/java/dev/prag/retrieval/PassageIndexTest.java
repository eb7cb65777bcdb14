package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.adapterstore.Blobs;
import dev.prag.base.Hashes;
import dev.prag.base.Home;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.Changes;
import dev.prag.corpus.Corpus;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class PassageIndexTest {
    private static final Path DEMO = Path.of("src/main/demo/small");

    @Inject
    PassageIndex index;

    @Inject
    Corpus corpus;

    @Inject
    Changes changes;

    @Inject
    Augmentations augmentations;

    @Inject
    Blobs blobs;

    @Inject
    Home home;

    private final List<String> documents = new ArrayList<>();

    @BeforeEach
    void ingestEncyclopedia() throws IOException {
        List<DocumentInput> inputs = new ArrayList<>();
        for (JsonNode line : lines("passages.jsonl")) {
            inputs.add(new DocumentInput(
                    "index-test-" + line.get("id").asText(),
                    line.get("title").asText(),
                    line.get("text").asText(),
                    null,
                    null));
        }
        corpus.ingest(inputs).forEach(ingested -> documents.add(ingested.documentId()));
    }

    @AfterEach
    void empty() {
        documents.forEach(corpus::delete);
    }

    @Test
    void findsThePassagesThatQuestionsAreAbout() throws IOException {
        int questions = 0;
        int found = 0;
        for (JsonNode line : lines("questions.jsonl")) {
            if (line.get("type").asText().equals("single")) {
                questions++;
                List<Hit> hits = index.search(line.get("question").asText(), 1);
                String title = corpus.passages(List.of(hits.getFirst().passageId()))
                        .getFirst()
                        .title();
                found += title.equals(line.get("gold").get(0).asText()) ? 1 : 0;
            }
        }
        assertEquals(126, questions);
        assertTrue(found >= 125, found + " of " + questions);
    }

    @Test
    void anyCharactersAreAQuestion() {
        for (String question : List.of(
                "",
                " ",
                "?",
                "AND OR NOT",
                "title:(\"x\" AND -y)^2 [a TO b] {c} ~0.5 * \\",
                "\"unbalanced",
                "日本 😀",
                "half a pair \ud800 \udc00x",
                "\u0000\uffff\u00ad\u200b",
                "x".repeat(100_000),
                "many words ".repeat(5_000))) {
            assertTrue(index.search(question, 3).size() <= 3);
        }
        assertEquals(List.of(), index.search("zzzzunknown", 3));
        assertEquals(List.of(), index.search("film", 0));
        List<Hit> hits = index.search("Who directed the film?", 5);
        assertEquals(5, hits.size());
        for (int i = 1; i < hits.size(); i++) {
            assertTrue(hits.get(i - 1).score() >= hits.get(i).score());
        }
    }

    @Test
    void aDamagedOrMissingIndexIsMadeAnew() throws IOException {
        List<Hit> before = index.search("Who directed The Long Stair?", 3);
        index.abandon();
        try (Stream<Path> files = Files.walk(home.path("index"))) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("segments_")) {
                    Files.write(file, new byte[] {1, 2, 3});
                }
            }
        }
        assertEquals(before, index.search("Who directed The Long Stair?", 3));
    }

    @Test
    void itGoesOnFromWhereItWas() throws IOException {
        List<Hit> before = index.search("Who directed The Long Stair?", 3);
        index.abandon();
        try (SearchEngine engine = open(Language.NEUTRAL)) {
            assertEquals(changes.last(), engine.current().written());
        }
        // Nobody tells it of what is followed by somebody else, or by nobody.
        try (SearchEngine held = open(Language.NEUTRAL)) {
            corpus.ingest(List.of(new DocumentInput("index-test-new", null, "Zibbelt is a word.", null, null)));
            corpus.delete(documents.getFirst());
            index.abandon();
        }
        assertEquals(1, index.search("zibbelt", 3).size());
        corpus.delete("index-test-new");
        assertEquals(List.of(), index.search("zibbelt", 3));
        assertEquals(ids(before), ids(index.search("Who directed The Long Stair?", 3)));
    }

    @Test
    void aNewIndexIsMadeWhileTheOldOneIsSearched() {
        List<Hit> before = index.search("Who directed The Long Stair?", 3);
        long passages = index.rebuild();
        assertEquals(documents.size(), passages);
        assertEquals(before, index.search("Who directed The Long Stair?", 3));
        corpus.ingest(List.of(new DocumentInput("index-test-new", null, "Zibbelt is a word.", null, null)));
        assertEquals(1, index.search("zibbelt", 3).size(), "it follows on");
        corpus.delete("index-test-new");
        assertEquals(List.of(), index.search("zibbelt", 3));
    }

    @Test
    void aSettingOfAnotherLanguageMakesItAnewFromTheDatabase() throws IOException {
        List<Hit> before = index.search("Who directed The Long Stair?", 3);
        assertTrue(index.isOpen());
        index.abandon();
        open(Language.FRENCH).close();
        index.open();
        assertTrue(index.isOpen());
        assertEquals(before, index.search("Who directed The Long Stair?", 3));
    }

    @Test
    void questionsThatAreMadeFindTheirPassages() {
        String text = "The tower stands beside the harbour.";
        String id = corpus.ingest(List.of(new DocumentInput("index-test-new", null, text, null, null)))
                .getFirst()
                .passageIds()
                .getFirst();
        assertEquals(List.of(), index.search("zibbelt", 3));
        augmentations.save(Hashes.sha256(text), "k", "{}", List.of("Where is the zibbelt?"), null, "{}");
        augmentations.publishQuestions();
        assertEquals(List.of(id), ids(index.search("zibbelt", 3)));
        corpus.delete("index-test-new");
        assertEquals(List.of(), index.search("zibbelt", 3));
    }

    private SearchEngine open(Language language) throws IOException {
        return LuceneEngine.open(
                home.path("index"), new IndexIdentity(changes.corpusId(), language), blobs, changes.last());
    }

    private static List<String> ids(List<Hit> hits) {
        return hits.stream().map(Hit::passageId).toList();
    }

    private static List<JsonNode> lines(String file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : Files.readAllLines(DEMO.resolve(file))) {
            nodes.add(json.readTree(line));
        }
        return nodes;
    }
}

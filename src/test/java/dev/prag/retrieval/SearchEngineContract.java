package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every engine does, wherever it keeps its index. */
abstract class SearchEngineContract {
    static final IndexIdentity IDENTITY = new IndexIdentity("a corpus", Language.NEUTRAL);

    final MadeUpCorpus corpus = new MadeUpCorpus();

    /** Opens the engine on the place that belongs to this test alone. */
    abstract SearchEngine open(IndexIdentity identity, long last) throws IOException;

    /** How many words it searches at most. */
    abstract int mostWords();

    private SearchEngine open() throws IOException {
        return open(IDENTITY, corpus.last());
    }

    static List<String> ids(SearchEngine engine, String question, int k) throws IOException {
        return ids(engine.search(question, k, Filter.NONE));
    }

    static List<String> ids(Found found) {
        return found.hits().stream().map(Hit::passageId).toList();
    }

    @Test
    void passagesOfEqualTextAreFoundOnce() throws IOException {
        for (int i = 0; i < 50; i++) {
            corpus.put("same-" + i, i == 17 ? "Lamp" : null, "The lamp of the harbour.");
        }
        corpus.put("other", null, "A lamp that stands somewhere else, far away from any harbour at all.");
        corpus.put("third", null, "Nobody keeps this one lamp, of which there is little to be told here.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(List.of("same-17", "other"), ids(engine, "lamp harbour", 2), "the best stands for all");
            assertEquals(3, ids(engine, "lamp", 10).size());
            assertEquals(1, ids(engine, "lamp", 1).size());
        }
    }

    @Test
    void callersFindWhatTheyMayRead() throws IOException {
        Principal vera = new Principal("vera", Set.of("blue"), Set.of(Role.ASK));
        closed("open", List.of(), "A lamp for all.");
        closed("blue", List.of("green", "blue"), "A lamp of the blue ones.");
        closed("person", List.of("user:vera"), "A lamp of a person.");
        closed("red", List.of("red"), "A lamp of the red ones.");
        closed("same", List.of("red"), "A lamp for all.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(Set.of("open", "blue", "person"), found(engine, vera));
            assertEquals(Set.of("open"), found(engine, new Principal("ole", Set.of(), Set.of(Role.WRITE))));
            assertEquals(4, found(engine, Principal.LOCAL).size());
            assertEquals(5, engine.count(List.of("open", "blue", "person", "red", "same", "none")));
            closed("blue", List.of("red"), "A lamp of the blue ones.");
            corpus.delete("person");
            corpus.follow(engine.current());
            assertEquals(Set.of("open"), found(engine, vera), "readers change as documents do");
            assertEquals(0, engine.count(List.of("person", "none")));
        }
    }

    private void closed(String id, List<String> readers, String text) {
        corpus.put(new DocumentPassages(id, Map.of(), readers, List.of(new PassageText(id, id, 0, null, text))));
    }

    private static Set<String> found(SearchEngine engine, Principal caller) throws IOException {
        return Set.copyOf(ids(engine.search("lamp", 10, Filter.NONE, caller)));
    }

    @Test
    void questionsFindTheirPassages() throws IOException {
        asked("opening", "On Mondays nobody is let in.", "When is the museum shut?\nWhich day is it closed on?");
        asked("same", "On Mondays nobody is let in.", "When is the museum shut?");
        asked("guards", "The museum has nine guards, and a dog that they feed.", "");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(List.of("opening"), ids(engine, "closed", 5), "a word that no text has");
            assertEquals(2, ids(engine, "shut museum", 5).size(), "equal texts are one, whatever is asked of them");
            FollowingIndex plain = engine.fresh();
            plain.follow(corpus.after(0), corpus.withoutQuestions());
            engine.install(plain);
            engine.current().show();
            assertEquals(List.of(), ids(engine, "closed shut", 5));
            assertEquals(List.of("guards"), ids(engine, "museum", 5));
        }
    }

    private void asked(String id, String text, String questions) {
        PassageText passage = new PassageText(id, id, 0, null, text, "", null, questions);
        corpus.put(new DocumentPassages(id, Map.of(), List.of(passage)));
    }

    /** In few titles is a "how" or a "the"; the passages are full of them. */
    @Test
    void aWordIsNoRarerInTitlesThanInTexts() throws IOException {
        corpus.put(
                "history", "How the library came to be", "How the founder came here, the chronicle tells at length.");
        corpus.put("loans", "Loans", "How long the loan of a map is, the keeper says: the fine for the delay is high.");
        for (int i = 0; i < 8; i++) {
            corpus.put("other-" + i, "Room " + i, "How the room number " + i + " is heated, the porter knows.");
        }
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(
                    "loans",
                    ids(engine, "How high is the fine for the delay?", 1).getFirst());
            assertEquals(
                    "history",
                    ids(engine, "Which chronicle tells of the library?", 1).getFirst());
            assertEquals("history", ids(engine, "library", 1).getFirst(), "a word of a title alone");
        }
    }

    @Test
    void equalScoresComeInTheOrderOfIds() throws IOException {
        for (String id : List.of("d", "b", "a", "c")) {
            corpus.put(id, "Lamp " + id, "A lamp of " + id + ".");
        }
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(List.of("a", "b", "c", "d"), ids(engine, "lamp", 10));
            corpus.put("a", "Lamp a", "A lamp of aa.");
            corpus.follow(engine.current());
            assertEquals(List.of("a", "b"), ids(engine, "lamp", 2), "whatever came last");
        }
    }

    @Test
    void ofALongQuestionTheRarestWordsAreSearched() throws IOException {
        String common =
                IntStream.range(0, mostWords() + 100).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
        for (int i = 0; i < 5; i++) {
            corpus.put("common-" + i, null, common + " " + i);
        }
        corpus.put("rare", "Ostrelund", "Jorun Vikstad built the lamp.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            Found found = engine.search(common + " unheardof vikstad", 6, Filter.NONE);
            assertTrue(ids(found).contains("rare"), "its word is the last and the rarest");
            assertEquals(mostWords() + 102, found.words());
            assertEquals(mostWords(), found.searched());
            assertTrue(found.isPartial());
            Found repeated = engine.search("vikstad " + "again ".repeat(2000), 1, Filter.NONE);
            assertFalse(repeated.isPartial(), "different words count");
        }
    }

    @Test
    void aDocumentIsReplacedWithAllItsPassages() throws IOException {
        corpus.put("d", "Lamps", "A red lamp.", "A blue lamp.", "A green lamp.");
        corpus.put("e", null, "A yellow lamp.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(4, engine.current().passages());
            corpus.put("d", "Lamps", "A red lamp.", "A white lamp.");
            corpus.follow(engine.current());
            assertEquals(List.of(), ids(engine, "blue green", 5));
            assertEquals(List.of("d-1"), ids(engine, "white", 5));
            assertEquals(3, engine.current().passages());
            corpus.delete("d");
            corpus.delete("never there");
            corpus.follow(engine.current());
            assertEquals(List.of("e"), ids(engine, "lamp lamps", 5));
            assertEquals(corpus.last(), engine.shown());
        }
    }

    @Test
    void aLongDocumentGoesAsItCame() throws IOException {
        List<PassageText> passages = IntStream.range(0, 3000)
                .mapToObj(i -> new PassageText("p" + i, "long", i, "A long one", "Passage number" + i + "."))
                .toList();
        corpus.put(new DocumentPassages("long", Map.of(), passages));
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            assertEquals(3000, engine.current().passages());
            assertEquals("p2999", ids(engine, "number2999", 3).getFirst());
            corpus.put("long", "A short one", "Nothing else.");
            corpus.follow(engine.current());
            assertEquals(1, engine.current().passages());
        }
    }

    @Test
    void searchesSeeWhatIsShown() throws IOException {
        corpus.put("a", null, "A lamp.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            corpus.put("a", null, "A lantern.");
            engine.current().follow(corpus.after(engine.current().written()), corpus);
            assertEquals(2, engine.current().written());
            assertEquals(1, engine.shown());
            assertEquals(List.of("a"), ids(engine, "lamp", 1), "until then they see what was there");
            engine.current().show();
            assertEquals(2, engine.shown());
            assertEquals(List.of(), ids(engine, "lamp", 1));
            assertEquals(List.of("a"), ids(engine, "lantern", 1));
        }
    }

    @Test
    void followingTheSameAgainChangesNothing() throws IOException {
        corpus.put("a", null, "A lamp.", "Another lamp.");
        corpus.put("b", null, "A lantern.");
        try (SearchEngine engine = open()) {
            engine.current().follow(corpus.after(0), corpus);
            engine.current().follow(corpus.after(0), corpus);
            engine.current().show();
            assertEquals(3, engine.current().passages());
            assertEquals(List.of("a-0", "a-1"), ids(engine, "lamp", 5));
        }
    }

    @Test
    void itRemembersUpToWhereItHasFollowed() throws IOException {
        corpus.put("a", null, "A lamp.");
        try (SearchEngine engine = open()) {
            assertEquals(0, engine.current().written());
            corpus.follow(engine.current());
            engine.current().commit();
        }
        corpus.put("b", null, "A lantern.");
        try (SearchEngine engine = open()) {
            assertEquals(1, engine.current().written());
            assertEquals(1, engine.shown());
            assertEquals(List.of("a"), ids(engine, "lamp lantern", 5));
            corpus.follow(engine.current());
            assertEquals(2, engine.shown());
            assertEquals(2, ids(engine, "lamp lantern", 5).size());
        }
    }

    @Test
    void anotherCorpusLanguageOrPastMakesItAnew() throws IOException {
        corpus.put("a", null, "L'architecte de Torsby.");
        for (IndexIdentity identity : List.of(
                IDENTITY,
                new IndexIdentity("a corpus", Language.FRENCH),
                new IndexIdentity("another corpus", Language.FRENCH))) {
            try (SearchEngine engine = open(identity, corpus.last())) {
                assertEquals(0, engine.current().written());
                assertEquals(List.of(), ids(engine, "architecte", 3));
                corpus.follow(engine.current());
                assertEquals(List.of("a"), ids(engine, "architecte", 3));
                engine.current().commit();
            }
        }
        try (SearchEngine engine = open(new IndexIdentity("another corpus", Language.FRENCH), 0)) {
            assertEquals(0, engine.current().written(), "the database was set back");
        }
    }

    @Test
    void aNewIndexTakesItsPlaceWhenItIsComplete() throws IOException {
        corpus.put("a", null, "A lamp.");
        corpus.put("b", null, "A lantern.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            Found before = engine.search("lamp", 3, Filter.NONE);
            FollowingIndex fresh = engine.fresh();
            fresh.follow(corpus.after(0), corpus);
            corpus.delete("b");
            corpus.follow(engine.current());
            assertEquals(List.of(), ids(engine, "lantern", 3), "the old one is searched, and may be written");
            engine.install(fresh);
            assertEquals(before, engine.search("lamp", 3, Filter.NONE));
            assertEquals(List.of("b"), ids(engine, "lantern", 3), "it hasn't followed that far");
            assertEquals(2, engine.shown());
            corpus.follow(engine.current());
            assertEquals(List.of(), ids(engine, "lantern", 3));
            engine.current().commit();
        }
        try (SearchEngine engine = open()) {
            assertEquals(3, engine.shown());
            assertEquals(List.of("a"), ids(engine, "lamp lantern", 3));
        }
    }

    private List<String> found(SearchEngine engine, Map<String, Object> filter) throws IOException {
        return ids(engine.search("lamp", 10, Filter.of(filter)));
    }

    @Test
    void onlyWhatPassesTheFilterIsFound() throws IOException {
        corpus.put(
                "a",
                null,
                Map.of(
                        "lang",
                        "en",
                        "year",
                        1993,
                        "tags",
                        List.of("red", "blue"),
                        "public",
                        true,
                        "big",
                        new BigDecimal("9007199254740993")),
                "A lamp.",
                "A second lamp.");
        corpus.put(
                "b",
                null,
                Map.of(
                        "lang",
                        "de",
                        "year",
                        new BigDecimal("1994.50"),
                        "author",
                        Map.of("name", "Vera", "born", "1971-05-03")),
                "A lamp, too.");
        corpus.put(
                "c",
                null,
                Map.of("lang", "En", "year", "1993", "date", "2024-05-31T23:30:00+02:00", "long", "x".repeat(40_000)),
                "A lamp as well.");
        corpus.put("d", null, "A lamp without metadata.");
        corpus.put("e", null, Map.of("lang", "en", "year", 1993), "Something else.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            Found all = engine.search("lamp", 10, Filter.NONE);
            assertEquals(5, all.hits().size());
            assertEquals(List.of("a-0", "a-1"), found(engine, Map.of("lang", "en")));
            assertEquals(List.of("a-0", "a-1", "b"), found(engine, Map.of("lang", List.of("en", "de", "fr"))));
            assertEquals(List.of("a-0", "a-1"), found(engine, Map.of("year", 1993)), "a number is no text");
            assertEquals(List.of("a-0", "a-1"), found(engine, Map.of("year", new BigDecimal("1993.0"))));
            assertEquals(List.of("c"), found(engine, Map.of("year", "1993")));
            assertEquals(List.of(), ids(engine.search("…", 3, Filter.of(Map.of("lang", "en")))), "no word, no passage");
            String many = IntStream.range(0, 5000).mapToObj(i -> "w" + i).collect(Collectors.joining(" ")) + " lamp";
            assertEquals(
                    List.of("b"),
                    ids(engine.search(
                            many, 3, Filter.of(Map.of("lang", "de", "year", Map.of("gt", 1), "author.name", "Vera")))));
            assertEquals(List.of("a-0", "a-1"), found(engine, Map.of("tags", "blue", "public", true)));
            assertEquals(List.of(), found(engine, Map.of("tags", "blue", "public", "true")));
            assertEquals(List.of(), found(engine, Map.of("big", new BigDecimal("9007199254740992"))), "exactly");
            assertEquals(List.of("b"), found(engine, Map.of("author.name", "Vera")));
            assertEquals(List.of("c"), found(engine, Map.of("long", "x".repeat(40_000))));
            assertEquals(List.of(), found(engine, Map.of("long", "x".repeat(39_999))));
            assertEquals(List.of("a-0", "a-1", "b"), found(engine, Map.of("year", Map.of("gte", 1993))));
            assertEquals(List.of("b"), found(engine, Map.of("year", Map.of("gt", 1993, "lte", 1994.5))));
            assertEquals(List.of(), found(engine, Map.of("year", Map.of("gt", 1993, "lt", 1994.5))));
            assertEquals(List.of("b"), found(engine, Map.of("author.born", Map.of("lt", "1972-01-01"))));
            assertEquals(
                    List.of("b"),
                    found(engine, Map.of("author.born", Map.of("gte", "1971-05-03", "lte", "1971-05-03"))));
            assertEquals(List.of("c"), found(engine, Map.of("date", Map.of("lte", "2024-05-31"))), "all of the day");
            assertEquals(List.of(), found(engine, Map.of("date", Map.of("lt", "2024-05-31T21:30:00Z"))));
            assertEquals(List.of("b", "d"), found(engine, Map.of("@document", List.of("b", "d", "none"))));
            assertEquals(List.of(), found(engine, Map.of("@document", "a", "lang", "de")));
            assertEquals(List.of(), found(engine, Map.of("lan", "en")));
            Found some = engine.search("lamp", 1, Filter.of(Map.of("lang", "de")));
            assertEquals(
                    all.hits().stream()
                            .filter(hit -> hit.passageId().equals("b"))
                            .toList(),
                    some.hits(),
                    "a filter changes no score");
        }
    }

    @Test
    void aChangeOfTheMetadataAloneIsFollowed() throws IOException {
        corpus.put("a", null, Map.of("state", "draft"), "A lamp.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            corpus.put("a", null, Map.of("state", "final"), "A lamp.");
            corpus.follow(engine.current());
            assertEquals(List.of(), found(engine, Map.of("state", "draft")));
            assertEquals(List.of("a"), found(engine, Map.of("state", "final")));
        }
    }

    @Test
    void whatIsDeletedDoesNotStayInTheScores() throws IOException {
        corpus.put("a", null, "A lamp.");
        corpus.put("b", null, "A lantern.");
        try (SearchEngine engine = open()) {
            corpus.follow(engine.current());
            Found alone = engine.search("lamp", 3, Filter.NONE);
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 20; i++) {
                    corpus.put("x" + i, null, "The lamp " + i + " of round " + round + ".");
                }
                corpus.follow(engine.current());
            }
            assertNotEquals(
                    alone.hits().getFirst().score(),
                    engine.search("lamp", 3, Filter.NONE).hits().getFirst().score());
            for (int i = 0; i < 20; i++) {
                corpus.delete("x" + i);
            }
            corpus.follow(engine.current());
            assertEquals(ids(alone), ids(engine, "lamp", 3));
        }
    }
}

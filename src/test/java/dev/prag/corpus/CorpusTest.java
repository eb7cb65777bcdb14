package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.corpus.Ingested.Outcome;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.retrieval.Hit;
import dev.prag.retrieval.PassageIndex;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CorpusTest {
    private static final String MODEL = "model";
    private static final String RECIPE = "recipe";
    private static final Duration LEASE = Duration.ofSeconds(20);

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Augmentations augmentations;

    @Inject
    Targets targets;

    @Inject
    AdapterStore store;

    @Inject
    PassageIndex index;

    @Inject
    Sql sql;

    @Inject
    DataSource source;

    @BeforeEach
    @AfterEach
    void empty() {
        corpus.deleteAll(sql.strings("SELECT id FROM document"));
    }

    @Test
    void theSameDocumentAgainChangesNothing() {
        DocumentInput document =
                new DocumentInput("7", "A title", "Some text.", Map.of("b", List.of(1, 2), "a", "x"), null);
        Ingested first = corpus.ingest(List.of(document)).getFirst();
        assertEquals(new Ingested("7", Outcome.ADDED, first.passageIds(), List.of()), first);
        DocumentView before = corpus.get("7", MODEL, RECIPE).orElseThrow();
        assertEquals(
                new Ingested("7", Outcome.UNCHANGED, first.passageIds(), List.of()),
                corpus.ingest(List.of(document)).getFirst());
        DocumentView after = corpus.get("7", MODEL, RECIPE).orElseThrow();
        assertEquals(before, after);
        assertEquals("A title", after.title());
        assertEquals(Map.of("b", List.of(1, 2), "a", "x"), after.metadata());
        assertEquals("Some text.", after.passages().getFirst().text());
        assertEquals(EncodingState.PENDING, after.passages().getFirst().state());
        assertEquals(1, corpus.documents());
    }

    @Test
    void identifiesByIdElseSourceElseContent() {
        List<Ingested> ingested = corpus.ingest(List.of(
                new DocumentInput("id", null, "One.", null, "a.txt"),
                new DocumentInput(null, null, "Two.", null, "b.txt"),
                new DocumentInput(" ", "T", "Three.", null, null),
                new DocumentInput(null, "T", "Three.", null, "")));
        assertEquals("id", ingested.get(0).documentId());
        assertEquals("b.txt", ingested.get(1).documentId());
        assertEquals(64, ingested.get(2).documentId().length());
        assertEquals(ingested.get(2).documentId(), ingested.get(3).documentId());
        assertEquals(Outcome.UNCHANGED, ingested.get(3).outcome());
        assertEquals(3, corpus.documents());
    }

    @Test
    void aChangedDocumentKeepsThePassagesWhoseTextStays() {
        String kept = paragraph("kept", 90);
        Ingested first = corpus.ingest(List.of(document("d", kept + "\n\n" + paragraph("old", 90))))
                .getFirst();
        assertEquals(2, first.passageIds().size());
        LeasedPassage leased = leaseAll("e").getFirst();
        assertEquals(kept, leased.text());
        makeReady(leased, "e", "aaaa0001");

        Ingested second = corpus.ingest(List.of(document("d", paragraph("new", 90) + "\n\n" + kept)))
                .getFirst();
        assertEquals(Outcome.CHANGED, second.outcome());
        assertEquals(first.passageIds().getFirst(), second.passageIds().getLast());
        assertNotEquals(first.passageIds().getLast(), second.passageIds().getFirst());
        List<PassageView> passages =
                corpus.get("d", MODEL, RECIPE).orElseThrow().passages();
        assertEquals(
                List.of(EncodingState.PENDING, EncodingState.READY),
                passages.stream().map(PassageView::state).toList());
        assertEquals("aaaa0001", passages.getLast().adapterId());
        assertEquals(List.of(), index.search("old0", 5));
        assertEquals(
                second.passageIds().getFirst(),
                index.search("new0", 5).getFirst().passageId());
    }

    @Test
    void aNewTitleIsIndexedAndChangesNoPassage() {
        Ingested first = corpus.ingest(List.of(new DocumentInput("d", "Before", "Text.", null, null)))
                .getFirst();
        Ingested second = corpus.ingest(List.of(new DocumentInput("d", "Afterwards", "Text.", null, null)))
                .getFirst();
        assertEquals(Outcome.CHANGED, second.outcome());
        assertEquals(first.passageIds(), second.passageIds());
        assertEquals(List.of(), index.search("before", 5));
        assertEquals(1, index.search("afterwards", 5).size());
    }

    @Test
    void anAdapterGoesWithTheLastPassageThatUsesIt() {
        corpus.ingest(List.of(document("a", "The same text."), document("b", "The same text.")));
        List<LeasedPassage> leased = leaseAll("e");
        assertEquals(1, leased.size());
        makeReady(leased.getFirst(), "e", "bbbb0001");
        assertEquals(2, queue.counts(MODEL, RECIPE).ready());
        assertEquals(2, queue.find("bbbb").orElseThrow().passages());

        assertTrue(corpus.delete("a"));
        assertTrue(store.get("bbbb0001").isPresent());
        assertTrue(corpus.delete("b"));
        assertTrue(store.get("bbbb0001").isEmpty());
        assertEquals(List.of(), queue.list(null, null));
        assertEquals(List.of(), index.search("same text", 5));
        assertEquals(0, sql.number("SELECT count(*) FROM passage_text"));
        assertEquals(0, sql.number("SELECT count(*) FROM adapter_removal"));
        assertFalse(corpus.delete("b"));
    }

    @Test
    void deletingWhileAnEncoderIsAtItLeavesNothing() {
        corpus.ingest(List.of(document("d", "Soon gone.")));
        LeasedPassage leased = leaseAll("e").getFirst();
        assertTrue(augmentations.save(leased.textHash(), "k", "{}", List.of(), null, "{}"));
        corpus.delete("d");
        assertFalse(augmentations.save(leased.textHash(), "k", "{}", List.of(), null, "{}"));
        assertEquals(List.of(), queue.heartbeat("e", LEASE));
        queue.beforeStoring("cccc0001");
        String checksum = store.put("cccc0001", new byte[] {1, 2, 3});
        assertFalse(queue.complete(leased.encodingId(), "e", "cccc0001", checksum, 3, null));
        assertTrue(store.get("cccc0001").isEmpty());
        assertEquals(0, sql.number("SELECT count(*) FROM encoding"));
        assertEquals(0, sql.number("SELECT count(*) FROM augmentation"));
    }

    @Test
    void badDocumentsAreRefusedByNameAndNothingIsKept() {
        DocumentInput good = document("good", "Text.");
        refused("bad", List.of(good, document("bad", " \n\u00a0")));
        refused("U+0000", List.of(good, document("bad", "a\0b")));
        refused("surrogate", List.of(good, document("bad", "a\ud800b")));
        refused("U+0000", List.of(good, new DocumentInput("bad", null, "Text.", Map.of("k", "\0"), null)));
        refused("twice", List.of(document("good", "Other."), good));
        refused("max-document-bytes", List.of(good, document("bad", "word ".repeat(3_000_000))));
        assertEquals(0, corpus.documents());
    }

    @Test
    void idsThatNoAddressCanHaveAreRefused() {
        for (String id : List.of("..", "a/../b", "./a", "a/.", "a\nb", " a", "a\u3000", "a\u0085", "x".repeat(1001))) {
            refused("id", List.of(document(id, "Text.")));
        }
        refused("surrogate", List.of(document("a\ud800", "Text.")));
        assertEquals(0, corpus.documents());
    }

    @Test
    void metadataIsKeptAsItWasSentOrRefused() {
        Map<String, Object> exact = Map.of(
                "fine", new BigDecimal("0.1234567890123456789"),
                "price", new BigDecimal("1.10"),
                "many", new BigInteger("123456789012345678901234567890"),
                "text", "\\u0000 written out");
        corpus.ingest(List.of(new DocumentInput("d", null, "Text.", exact, null)));
        assertEquals(exact, corpus.get("d", MODEL, RECIPE).orElseThrow().metadata());
        corpus.ingest(List.of(new DocumentInput("d", null, "Text.", Map.of("big", new BigDecimal("1e400")), null)));
        assertEquals(
                BigInteger.TEN.pow(400),
                corpus.get("d", MODEL, RECIPE).orElseThrow().metadata().get("big"));
        for (String number : List.of("1e501", "1e-501", "1e999999999", "1" + "0".repeat(500))) {
            Map<String, Object> metadata = Map.of("list", List.of(Map.of("n", new BigDecimal(number))));
            refused("digits", List.of(new DocumentInput("d", null, "Text.", metadata, null)));
        }
    }

    @Test
    void whatIsNoTextIsLeftOutWithANote() {
        String image = "data:image/png;base64," + "QUJD".repeat(8000);
        Ingested ingested = corpus.ingest(List.of(document("d", "A lamp.\n\n![lamp](" + image + ")\n\nIts keeper.")))
                .getFirst();
        assertEquals(List.of("left out 1 data URI, 32022 characters together"), ingested.notes());
        assertEquals(
                "A lamp.\n\n![lamp]()\n\nIts keeper.",
                corpus.get("d", MODEL, RECIPE)
                        .orElseThrow()
                        .passages()
                        .getFirst()
                        .text());
        refused("is empty", List.of(document("e", image)));
    }

    @Test
    void headingsAreKeptBesideAndFollowTheDocument() {
        Ingested first = corpus.ingest(List.of(document("d", "# Ferry\n\n## Winter\n\nIt leaves at nine.")))
                .getFirst();
        PassageText passage = corpus.passages(first.passageIds()).getFirst();
        assertEquals("Ferry > Winter", passage.headings());
        assertEquals(
                "Ferry > Winter",
                corpus.get("d", MODEL, RECIPE)
                        .orElseThrow()
                        .passages()
                        .getFirst()
                        .headings());
        String kept = paragraph("kept", 90);
        Ingested before = corpus.ingest(List.of(document("e", "# A\n\n" + paragraph("x", 90) + "\n\n" + kept)))
                .getFirst();
        Ingested after = corpus.ingest(List.of(document("e", "# B\n\n" + paragraph("x", 90) + "\n\n" + kept)))
                .getFirst();
        assertEquals(before.passageIds().getLast(), after.passageIds().getLast());
        assertEquals("B", corpus.passages(after.passageIds()).getLast().headings());
    }

    @Test
    void documentsCutByAnotherVersionWorkUntilTheyAreCutAgain() {
        String kept = paragraph("kept", 90);
        Ingested now = corpus.ingest(
                        List.of(document("d", kept + "\n\n" + paragraph("other", 90)), document("e", "Text.")))
                .getFirst();
        makeReady(leaseAll("e").getFirst(), "e", "dddd0001");
        // As the version before left them: one passage that is cut elsewhere, and no text.
        sql.update("DELETE FROM document_text");
        sql.update("INSERT INTO passage_text VALUES ('old', 'other0 other1')");
        sql.update(
                "UPDATE passage SET id = 'old', text_hash = 'old' WHERE id = ?",
                now.passageIds().getLast());
        assertEquals(2, corpus.get("d", MODEL, RECIPE).orElseThrow().passages().size());
        assertEquals(new Corpus.Recut(0, 0, List.of("d", "e")), corpus.recut(List.of("d", "e")));

        List<Ingested> again =
                corpus.ingest(List.of(document("d", kept + "\n\n" + paragraph("other", 90)), document("e", "Text.")));
        assertEquals(
                List.of(Outcome.CHANGED, Outcome.UNCHANGED),
                again.stream().map(Ingested::outcome).toList());
        assertEquals(now.passageIds(), again.getFirst().passageIds());
        assertEquals(
                List.of(EncodingState.READY, EncodingState.LEASED),
                corpus.get("d", MODEL, RECIPE).orElseThrow().passages().stream()
                        .map(PassageView::state)
                        .toList());
        sql.update(
                "UPDATE passage SET id = 'old', headings = 'x' WHERE id = ?",
                now.passageIds().getLast());
        assertEquals(new Corpus.Recut(2, 1, List.of()), corpus.recut(List.of("d", "e")));
        assertEquals(
                now.passageIds(),
                corpus.get("d", MODEL, RECIPE).orElseThrow().passages().stream()
                        .map(PassageView::id)
                        .toList());
        assertEquals(
                now.passageIds().getLast(), index.search("other5", 5).getFirst().passageId());
        assertEquals(new Corpus.Recut(0, 0, List.of("none")), corpus.recut(List.of("none")));
    }

    @Test
    void allOrNoneOfTheDocumentsAreDeleted() {
        corpus.ingest(List.of(document("a", "One."), document("b", "Two."), document("c", "Three.")));
        assertEquals(List.of("none"), corpus.deleteAll(List.of("a", "none")));
        assertEquals(3, corpus.documents());
        assertEquals(List.of(), corpus.deleteAll(List.of("a", "c")));
        assertEquals(List.of("b"), corpus.ids());
        assertEquals(
                List.of("b"),
                corpus.list(0, 10).stream().map(DocumentSummary::id).toList());
        assertEquals(List.of(), corpus.list(1, 10));
        assertEquals(List.of(), index.search("one three", 5));
    }

    private void refused(String word, List<DocumentInput> documents) {
        UserException refused = assertThrows(UserException.class, () -> corpus.ingest(documents));
        assertTrue(refused.getMessage().contains(word), refused.getMessage());
    }

    @Test
    void passagesComeInTheOrderAsked() {
        List<Ingested> ingested = corpus.ingest(List.of(
                new DocumentInput("a", "A", "First.", null, null),
                new DocumentInput("b", null, "Second.", null, null)));
        String a = ingested.get(0).passageIds().getFirst();
        String b = ingested.get(1).passageIds().getFirst();
        assertEquals(
                List.of(new PassageText(b, "b", 0, null, "Second."), new PassageText(a, "a", 0, "A", "First.")),
                corpus.passages(List.of(b, "nobody", a)));
    }

    @Test
    void thousandsOfDocumentsGoInTogether() {
        List<DocumentInput> documents = IntStream.range(0, 5000)
                .mapToObj(i -> new DocumentInput("n" + i, "Title " + i, "Number" + i + " is here.", null, null))
                .toList();
        List<Ingested> ingested = corpus.ingest(documents);
        assertTrue(ingested.stream().allMatch(i -> i.outcome() == Outcome.ADDED));
        Registration.of(targets, MODEL, RECIPE);
        assertEquals(5000, queue.counts(MODEL, RECIPE).pending());
        assertEquals(
                List.of("n0", "n1", "n2"),
                queue.lease(MODEL, RECIPE, 3, "e", LEASE).stream()
                        .map(LeasedPassage::documentId)
                        .toList());
        List<Hit> hits = index.search("Where is number4321?", 3);
        assertEquals(ingested.get(4321).passageIds().getFirst(), hits.getFirst().passageId());
        assertEquals(List.of(), corpus.deleteAll(corpus.ids()));
        assertEquals(List.of(), index.search("Where is number4321?", 3));
    }

    private List<LeasedPassage> leaseAll(String owner) {
        Registration.of(targets, MODEL, RECIPE);
        return queue.lease(MODEL, RECIPE, 100, owner, LEASE);
    }

    private void makeReady(LeasedPassage leased, String owner, String adapter) {
        byte[] bytes = adapter.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        String checksum = store.put(adapter, bytes);
        assertTrue(queue.complete(leased.encodingId(), owner, adapter, checksum, bytes.length, null));
    }

    private static DocumentInput document(String id, String text) {
        return new DocumentInput(id, null, text, null, null);
    }

    private static String paragraph(String word, int words) {
        return IntStream.range(0, words).mapToObj(i -> word + i).collect(Collectors.joining(" ")) + ".";
    }

    /** While another process writes, ours wait for it, more of them than there are connections; readers don't. */
    @Test
    void writersWaitWithoutTheConnectionsOfReaders() throws Exception {
        corpus.ingest(List.of(new DocumentInput("read", null, "Some text.", Map.of(), null)));
        try (Connection other = source.getConnection();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT pg_advisory_xact_lock(" + Writers.WRITER + ")");
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                DocumentInput document = new DocumentInput("w" + i, null, "Text " + i, Map.of(), null);
                writers.add(threads.submit(() -> corpus.ingest(List.of(document))));
            }
            for (int i = 0; i < 20; i++) {
                assertTrue(corpus.get("read", MODEL, RECIPE).isPresent());
            }
            assertEquals(1, corpus.documents());
            other.rollback();
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
        }
        assertEquals(41, corpus.documents());
    }

    @Test
    void aWholePassageStaysOneHoweverDocumentsAreCut() {
        String text = "One sentence of several words. ".repeat(60).strip();
        DocumentInput whole = DocumentInput.passage("whole", "Title", text);
        Ingested first = corpus.ingest(List.of(whole)).getFirst();
        assertEquals(1, first.passageIds().size());
        assertEquals(text, corpus.passages(first.passageIds()).getFirst().text());
        assertEquals(Outcome.UNCHANGED, corpus.ingest(List.of(whole)).getFirst().outcome());
        assertEquals(0, corpus.recut(List.of("whole")).changed());
        assertEquals(
                first.passageIds(), corpus.ingest(List.of(whole)).getFirst().passageIds());

        Ingested cut = corpus.ingest(List.of(new DocumentInput("whole", "Title", text, null, null)))
                .getFirst();
        assertEquals(Outcome.CHANGED, cut.outcome());
        assertTrue(cut.passageIds().size() > 1);
        assertEquals(Outcome.CHANGED, corpus.ingest(List.of(whole)).getFirst().outcome());
        assertEquals(
                1, corpus.get("whole", MODEL, RECIPE).orElseThrow().passages().size());
    }
}

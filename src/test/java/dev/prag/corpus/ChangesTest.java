package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.Hashes;
import dev.prag.corpus.Ingested.Outcome;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.GivenPair;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChangesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Inject
    Corpus corpus;

    @Inject
    Changes changes;

    @Inject
    Augmentations augmentations;

    @Inject
    AskedTexts asked;

    @Inject
    PassageReader passages;

    @Test
    void whatChangesIsInTheSequenceOnceAtItsLastPlace() {
        long before = changes.last();
        corpus.ingest(List.of(document("change-a", "One."), document("change-b", "Two.")));
        corpus.ingest(List.of(document("change-a", "Three."), document("change-b", "Two.")));
        corpus.delete("change-b");
        List<Change> after = changes.after(before, 10);
        assertEquals(
                List.of("change-a", "change-b"),
                after.stream().map(Change::documentId).toList());
        assertEquals(changes.last(), after.getLast().seq());
        assertEquals(List.of(after.getLast()), changes.after(after.getFirst().seq(), 10));
        corpus.delete("change-a");
    }

    @Test
    void aChangeOfTheMetadataAloneIsOne() {
        corpus.ingest(List.of(document("change-m", "One.")));
        long before = changes.last();
        DocumentInput other = new DocumentInput("change-m", null, "One.", Map.of("year", 2), null);
        assertEquals(Outcome.CHANGED, corpus.ingest(List.of(other)).getFirst().outcome());
        assertEquals(1, changes.after(before, 10).size());
        assertEquals(Outcome.UNCHANGED, corpus.ingest(List.of(other)).getFirst().outcome());
        assertEquals(1, changes.after(before, 10).size());
        corpus.delete("change-m");
    }

    @Test
    void documentsWhoseQuestionsChangeAreAmongTheChangesWhenThatIsPublished() throws IOException {
        String text = "The cat of question-land sleeps.";
        String hash = Hashes.sha256(text);
        List<GivenPair> given = List.of(new GivenPair("Who sleeps?", "the cat", "The cat sleeps."));
        corpus.ingest(List.of(new DocumentInput("change-q", null, text, Map.of(), null, given)));
        long before = changes.last();
        assertEquals("Who sleeps?", questions("change-q"));
        augmentations.save(hash, "one", "{}", List.of("What does it do?", "Who sleeps?"), null, "{}");
        augmentations.save(hash, "other", "{}", List.of("Which animal is it?"), null, "{}");
        assertEquals(before, changes.last(), "whoever makes questions waits for no turn");
        augmentations.publishQuestions();
        assertEquals(
                List.of("change-q"),
                changes.after(before, 10).stream().map(Change::documentId).toList());
        assertEquals("What does it do?\nWhich animal is it?\nWho sleeps?", questions("change-q"));
        long after = changes.last();
        augmentations.publishQuestions();
        assertEquals(after, changes.last(), "once");
        augmentations.save(hash, "one", "{}", List.of(), null, "{}");
        corpus.delete("change-q");
        long gone = changes.last();
        augmentations.publishQuestions();
        assertEquals(gone, changes.last(), "of what is gone there is nothing to tell");
    }

    @Test
    void questionsThatAreBeingKeptAreToldOfWhenTheyCanBeSeen() throws Exception {
        String text = "The dog of question-land barks.";
        String hash = Hashes.sha256(text);
        corpus.ingest(List.of(document("change-r", text)));
        augmentations.save(hash, "one", "{}", List.of("Who barks?"), null, "{}");
        long before = changes.last();
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            QuarkusTransaction.requiringNew().call(() -> {
                asked.note(hash);
                return other.submit(asked::publish).get();
            });
        }
        assertEquals(before, changes.last());
        asked.publish();
        assertEquals(1, changes.after(before, 10).size());
        corpus.delete("change-r");
    }

    @Test
    void pairsOfADocumentGoFromOthersOfTheSameText() throws IOException {
        String text = "The bird of question-land sings.";
        List<GivenPair> given = List.of(new GivenPair("Who sings?", "the bird", "The bird sings."));
        corpus.ingest(List.of(new DocumentInput("change-s", null, text, Map.of(), null, given)));
        corpus.ingest(List.of(document("change-t", text)));
        assertEquals("Who sings?", questions("change-t"));
        long before = changes.last();
        corpus.delete("change-s");
        assertEquals("", questions("change-t"));
        assertEquals(
                List.of("change-s", "change-t"),
                changes.after(before, 10).stream()
                        .map(Change::documentId)
                        .sorted()
                        .toList());
        corpus.delete("change-t");
    }

    private String questions(String document) throws IOException {
        List<String> questions = new ArrayList<>();
        passages.read(
                List.of(document),
                found -> questions.add(found.passages().getFirst().questions()));
        return questions.getFirst();
    }

    @Test
    @Timeout(60)
    void whoWaitsIsWokenByTheCommit() throws Exception {
        long before = changes.last();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch begun = new CountDownLatch(1);
            Future<Long> waiting = threads.submit(() -> {
                begun.countDown();
                return changes.await(before, LONG);
            });
            assertTrue(begun.await(10, TimeUnit.SECONDS));
            corpus.ingest(List.of(document("change-w", "One.")));
            assertTrue(waiting.get() > before);
        }
        corpus.delete("change-w");
    }

    @Test
    void waitingEndsWithoutAChange() throws Exception {
        long last = changes.last();
        assertEquals(last, changes.await(last, Duration.ofMillis(20)));
    }

    @Test
    void writersSideBySideNeverMakeASmallerNumberLater() throws Exception {
        long before = changes.last();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = IntStream.range(0, 8)
                    .<Future<?>>mapToObj(i ->
                            threads.submit(() -> corpus.ingest(List.of(document("change-s" + i, "Text " + i + ".")))))
                    .toList();
            long seen = before;
            int found = 0;
            while (found < 8) {
                List<Change> next = changes.after(seen, 100);
                found += next.size();
                seen = next.isEmpty() ? seen : next.getLast().seq();
                for (Future<?> writer : writers) {
                    if (writer.isDone()) {
                        writer.get();
                    }
                }
            }
        }
        assertEquals(8, changes.after(before, 100).size());
        IntStream.range(0, 8).forEach(i -> corpus.delete("change-s" + i));
    }

    private static DocumentInput document(String id, String text) {
        return new DocumentInput(id, null, text, Map.of(), null);
    }
}

package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class TargetsTest {
    private static final Target TARGET = new Target("m", "targets", "a model", "a recipe");
    private static final Duration LONG = Duration.ofSeconds(20);

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    AdapterStore store;

    @Inject
    Sql sql;

    @BeforeEach
    @AfterEach
    void empty() {
        corpus.deleteAll(sql.strings("SELECT id FROM document"));
        targets.remove(TARGET.model(), TARGET.recipe(), true);
    }

    private void ingest(int from, int to) {
        corpus.ingest(IntStream.range(from, to)
                .mapToObj(i -> new DocumentInput("t" + i, null, "Text " + i + ".", null, null))
                .toList());
    }

    private List<String> lease(int most) {
        return queue.lease(TARGET.model(), TARGET.recipe(), most, "owner", LONG).stream()
                .map(LeasedPassage::documentId)
                .toList();
    }

    private long rows() {
        return sql.number("SELECT count(*) FROM encoding WHERE recipe = ?", TARGET.recipe());
    }

    private EncodingCounts counts() {
        return queue.counts(TARGET.model(), TARGET.recipe());
    }

    @Test
    void textsThatWereThereGetTheirRowsInStepsAndInTheirOrder() {
        ingest(0, 1100);
        assertEquals(1100, counts().pending(), "also where nobody asked yet");
        targets.register(TARGET);
        assertEquals(0, rows());
        assertTrue(targets.fill(TARGET.model(), TARGET.recipe()));
        assertEquals(500, rows());
        // What comes meanwhile has its row at once, and its turn behind what was there.
        ingest(1100, 1102);
        assertEquals(502, rows());
        assertEquals(1102, counts().pending());
        assertEquals(1102, sql.number("SELECT pending FROM encoding_pending WHERE recipe = ?", TARGET.recipe()));
        targets.register(TARGET);
        targets.fillAll(TARGET.model(), TARGET.recipe());
        assertFalse(targets.fill(TARGET.model(), TARGET.recipe()));
        assertEquals(1102, rows());
        assertEquals(IntStream.range(0, 1102).mapToObj(i -> "t" + i).toList(), lease(2000));
    }

    @Test
    void whoIsInterruptedWhileItMakesRowsGoesOn() {
        ingest(0, 600);
        targets.register(TARGET);
        targets.fill(TARGET.model(), TARGET.recipe());
        // As if it had been killed between the rows and the mark.
        sql.update("UPDATE target SET filled_to = 0 WHERE recipe = ?", TARGET.recipe());
        targets.fillAll(TARGET.model(), TARGET.recipe());
        assertEquals(600, rows());
        assertEquals(600, counts().pending());
    }

    @Test
    void whatIsRemovedTakesItsPendingRowsAndItsAdaptersOnlyIfAsked() {
        ingest(0, 3);
        Registration.of(targets, TARGET.model(), TARGET.recipe());
        LeasedPassage leased =
                queue.lease(TARGET.model(), TARGET.recipe(), 1, "owner", LONG).getFirst();
        String checksum = store.put("abcd0001", new byte[] {1});
        assertTrue(queue.complete(leased.encodingId(), "owner", "abcd0001", checksum, 1, null));

        assertEquals(2, targets.remove(TARGET.model(), TARGET.recipe(), false));
        assertEquals(1, rows());
        assertTrue(store.get("abcd0001").isPresent());
        TargetView left = targets.list().stream()
                .filter(view -> view.target().recipe().equals(TARGET.recipe()))
                .findFirst()
                .orElseThrow();
        assertEquals(1, left.ready());
        assertEquals(null, left.registeredAt());
        ingest(3, 4);
        assertEquals(1, rows(), "nobody asks for it");

        Registration.of(targets, TARGET.model(), TARGET.recipe());
        assertEquals(3, counts().pending());
        assertEquals(1, counts().ready(), "its adapter is still there");
        assertEquals(4, targets.remove(TARGET.model(), TARGET.recipe(), true));
        assertTrue(store.get("abcd0001").isEmpty());
        assertEquals(0, sql.number("SELECT count(*) FROM adapter WHERE recipe = ?", TARGET.recipe()));
    }

    @Test
    void aRemovalThatWasInterruptedIsEndedByTheNextOneAndUndoneByWhoAsksAgain() {
        ingest(0, 2);
        Registration.of(targets, TARGET.model(), TARGET.recipe());
        sql.update("UPDATE target SET removing = true WHERE recipe = ?", TARGET.recipe());
        ingest(2, 3);
        assertEquals(2, rows(), "nothing is added to what goes");
        Registration.of(targets, TARGET.model(), TARGET.recipe());
        assertEquals(3, rows());
        sql.update("UPDATE target SET removing = true WHERE recipe = ?", TARGET.recipe());
        assertEquals(3, targets.remove(TARGET.model(), TARGET.recipe(), false));
        assertEquals(0, sql.number("SELECT count(*) FROM target WHERE recipe = ?", TARGET.recipe()));
    }
}

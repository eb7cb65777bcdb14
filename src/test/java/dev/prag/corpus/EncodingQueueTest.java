package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.AdapterRef;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.Hashes;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EncodingQueueTest {
    private static final String MODEL = "model";
    private static final String RECIPE = "recipe";
    private static final Duration LONG = Duration.ofSeconds(20);

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
    Sql sql;

    private List<String> passages;

    @BeforeEach
    void fourPassages() {
        corpus.deleteAll(sql.strings("SELECT id FROM document"));
        passages = ingest(4);
        Registration.of(targets, MODEL, RECIPE);
    }

    private List<String> ingest(int count) {
        return corpus
                .ingest(IntStream.range(0, count)
                        .mapToObj(i -> new DocumentInput("d" + i, "T" + i, "Text number " + i + ".", null, null))
                        .toList())
                .stream()
                .map(i -> i.passageIds().getFirst())
                .toList();
    }

    @Test
    void aLeaseIsForOneOwnerUntilItRunsOut() {
        List<LeasedPassage> first = lease("one", 3, LONG);
        assertEquals(passages.subList(0, 3), ids(first));
        assertEquals("T0", first.getFirst().title());
        assertEquals("Text number 0.", first.getFirst().text());
        assertEquals(passages.subList(3, 4), ids(lease("two", 3, LONG)));
        sql.update("UPDATE encoding SET lease_until = now() - interval '1 second' WHERE owner = 'one'");
        assertEquals(Optional.of(Duration.ZERO), queue.counts(MODEL, RECIPE).nextLeaseEnd());
        assertEquals(passages.subList(0, 3), ids(lease("two", 3, LONG)));
        assertFalse(queue.complete(first.getFirst().encodingId(), "one", "0123abcd", "sum", 1, null));
        assertEquals(List.of(), queue.heartbeat("one", LONG));
        assertEquals(4, queue.heartbeat("two", LONG).size());
    }

    @Test
    void aHeartbeatKeepsALease() {
        LeasedPassage held = lease("one", 1, LONG.dividedBy(2)).getFirst();
        Instant end = leaseEnd("one");
        assertEquals(List.of(held.encodingId()), queue.heartbeat("one", LONG));
        assertFalse(leaseEnd("one").isBefore(end.plus(LONG.dividedBy(2))), "it is counted from the heartbeat on");
        assertEquals(passages.subList(1, 4), ids(lease("two", 4, LONG)));
        assertThrows(IllegalArgumentException.class, () -> queue.heartbeat("one", Duration.ofSeconds(31)));
    }

    private Instant leaseEnd(String owner) {
        return sql.query(
                        row -> row.getObject(1, OffsetDateTime.class).toInstant(),
                        "SELECT lease_until FROM encoding WHERE owner = ?",
                        owner)
                .getFirst();
    }

    @Test
    void whatIsReleasedIsTakenAgain() {
        lease("one", 4, LONG);
        assertEquals(4, queue.release("one"));
        assertEquals(passages, ids(lease("two", 4, LONG)));
    }

    @Test
    void afterThreeFailuresAPassageIsGivenUpUntilItIsRetried() {
        for (int attempt = 0; attempt < 3; attempt++) {
            LeasedPassage leased = lease("one", 1, LONG).getFirst();
            assertEquals(attempt, leased.attempts());
            assertEquals(
                    Optional.of(attempt < 2 ? EncodingState.PENDING : EncodingState.FAILED),
                    queue.fail(leased.encodingId(), "one", "no luck", "I can't.", false));
        }
        PassageView failed =
                corpus.get("d0", MODEL, RECIPE).orElseThrow().passages().getFirst();
        assertEquals(EncodingState.FAILED, failed.state());
        assertEquals("no luck", failed.error());
        assertEquals(passages.subList(1, 4), ids(lease("one", 4, LONG)));
        assertEquals(1, queue.counts(MODEL, RECIPE).failed());
        assertEquals(
                List.of(new FailedPassage("d0", "T0", passages.getFirst(), 0, "Text number 0.", "no luck", "I can't.")),
                queue.failures(MODEL, RECIPE, 9));
        assertEquals(1, queue.retryFailed(MODEL, RECIPE));
        List<LeasedPassage> again = lease("one", 4, LONG);
        assertEquals(passages.subList(0, 1), ids(again));
        assertEquals(3, again.getFirst().attempts(), "no attempt is like an earlier one");
        assertEquals(
                Optional.of(EncodingState.PENDING),
                queue.fail(again.getFirst().encodingId(), "one", "no luck", null, false));
    }

    @Test
    void whatCannotSucceedIsGivenUpAtOnceAndWhatIsGoneIsNothing() {
        List<LeasedPassage> leased = lease("one", 2, LONG);
        assertEquals(
                Optional.of(EncodingState.FAILED), queue.fail(leased.get(0).encodingId(), "one", "too long", "", true));
        corpus.delete("d1");
        assertEquals(Optional.empty(), queue.fail(leased.get(1).encodingId(), "one", "no luck", null, false));
        assertEquals(Optional.empty(), queue.fail(leased.get(0).encodingId(), "two", "no luck", null, false));
    }

    @Test
    void countsByStateAndWhatIsLeft() {
        complete(lease("one", 2, LONG).getFirst(), "one", "0123abcd", "two pairs only");
        EncodingCounts counts = queue.counts(MODEL, RECIPE);
        assertEquals(new EncodingCounts(4, 3, 1, 1, 0, 0, counts.nextLeaseEnd()), counts);
        Duration left = counts.nextLeaseEnd().orElseThrow();
        assertTrue(left.compareTo(LONG) <= 0 && left.compareTo(Duration.ofSeconds(10)) > 0, left::toString);
        assertEquals(4, counts.passages());
        queue.release("one");
        assertEquals(Optional.empty(), queue.counts(MODEL, RECIPE).nextLeaseEnd());
        PassageView ready =
                corpus.get("d0", MODEL, RECIPE).orElseThrow().passages().getFirst();
        assertEquals("two pairs only", ready.note());
    }

    @Test
    void anotherModelOrRecipeStartsItsOwn() {
        complete(lease("one", 1, LONG).getFirst(), "one", "0123abcd", null);
        assertEquals(
                Map.of(passages.getFirst(), new AdapterRef("0123abcd", Hashes.sha256(new byte[] {1, 2}))),
                queue.adapters(MODEL, RECIPE, passages));
        assertEquals(Map.of(), queue.adapters("other", RECIPE, passages));
        assertEquals(Map.of(), queue.adapters(MODEL, "other", passages));
        assertEquals(4, queue.counts("other", RECIPE).pending());
        assertEquals(List.of(), queue.lease(MODEL, "other", 9, "one", LONG), "nobody asked for it");
        Registration.of(targets, MODEL, "other");
        assertEquals(passages, ids(queue.lease(MODEL, "other", 9, "one", LONG)));
        assertEquals(1, queue.list(MODEL, RECIPE).size());
        assertEquals(List.of(), queue.list("other", null));
        assertEquals("Text number 0.", queue.find("0123").orElseThrow().text());
    }

    @Test
    void aLostAdapterIsMadeAgain() {
        complete(lease("one", 4, LONG).getFirst(), "one", "0123abcd", null);
        queue.lost("0123abcd");
        assertEquals(Map.of(), queue.adapters(MODEL, RECIPE, passages));
        LeasedPassage again = lease("two", 4, LONG).getFirst();
        assertEquals(passages.getFirst(), again.passageId());
        complete(again, "two", "0123abcd", null);
    }

    @Test
    void augmentationsAreKeptUnderTheirKey() {
        String hash = lease("one", 1, LONG).getFirst().textHash();
        assertEquals(Optional.empty(), augmentations.find(hash, "k"));
        assertTrue(augmentations.save(hash, "k", "{\"z\": 1, \"a\": 2}", List.of(), null, "{}"));
        assertTrue(augmentations.save(hash, "other", "{}", List.of(), null, "{}"));
        assertEquals(Optional.of("{\"z\": 1, \"a\": 2}"), augmentations.find(hash, "k"));
        assertFalse(augmentations.save("no such text", "k", "{}", List.of(), null, "{}"));
    }

    @Test
    void onlyWhatIsNotedIsDeleted() {
        complete(lease("one", 1, LONG).getFirst(), "one", "0123abcd", null);
        store.put("deadbeef", new byte[] {1});
        store.put("feedbeef", new byte[] {1});
        sql.update("INSERT INTO adapter_removal VALUES ('deadbeef', now()), ('0123abcd', now())");
        queue.removeUnused();
        assertTrue(store.get("deadbeef").isEmpty());
        assertTrue(store.get("0123abcd").isPresent(), "a passage uses it");
        assertTrue(store.get("feedbeef").isPresent(), "another database may know it");
        store.delete("feedbeef");
    }

    @Test
    void whatAnEncoderStoredAndNeverMarkedIsDeletedLater() {
        queue.beforeStoring("deadbeef");
        store.put("deadbeef", new byte[] {1});
        queue.removeUnused();
        assertTrue(store.get("deadbeef").isPresent(), "its encoder may be at it");
        sql.update("UPDATE adapter_removal SET not_before = now() - interval '1 second'");
        queue.beforeReuse(List.of("deadbeef"));
        queue.removeUnused();
        assertTrue(store.get("deadbeef").isPresent(), "another is about to use it");
        sql.update("UPDATE adapter_removal SET not_before = now() - interval '1 second'");
        queue.removeUnused();
        assertTrue(store.get("deadbeef").isEmpty());
    }

    @Test
    void anAdapterOfADeletedPassageGoesAndOneThatWasNotStoredForItStays() {
        List<LeasedPassage> leased = lease("one", 2, LONG);
        queue.beforeStoring("deadbeef");
        store.put("deadbeef", new byte[] {1});
        store.put("feedbeef", new byte[] {1});
        corpus.delete("d0");
        corpus.delete("d1");
        assertFalse(queue.complete(leased.get(0).encodingId(), "one", "deadbeef", "sum", 1, null));
        assertTrue(store.get("deadbeef").isEmpty());
        assertFalse(queue.complete(leased.get(1).encodingId(), "one", "feedbeef", "sum", 1, null));
        assertTrue(store.get("feedbeef").isPresent());
        store.delete("feedbeef");
    }

    @Test
    void documentsMayGoWhileRowsAreMade() throws Exception {
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<?> changing = threads.submit(() -> {
                for (int round = 0; round < 30; round++) {
                    ingest(8);
                    for (int i = 4; i < 8; i++) {
                        corpus.delete("d" + i);
                    }
                }
            });
            while (!changing.isDone()) {
                // Each goes again: all that is ingested, in the tests that come, would be given rows for each.
                String another = RECIPE + System.nanoTime();
                Registration.of(targets, MODEL, another);
                targets.remove(MODEL, another, true);
            }
            changing.get();
        }
        assertEquals(4, queue.counts(MODEL, RECIPE).passages());
    }

    @Test
    void encodersNeverShareAPassage() throws Exception {
        ingest(200);
        List<Future<List<Long>>> futures = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                String owner = "owner" + i;
                futures.add(threads.submit(() -> {
                    List<Long> mine = new ArrayList<>();
                    while (true) {
                        List<LeasedPassage> leased = queue.lease(MODEL, RECIPE, 7, owner, LONG);
                        if (leased.isEmpty()) {
                            return mine;
                        }
                        leased.forEach(passage -> mine.add(passage.encodingId()));
                    }
                }));
            }
        }
        Set<Long> all = new HashSet<>();
        int sum = 0;
        for (Future<List<Long>> future : futures) {
            sum += future.get().size();
            all.addAll(future.get());
        }
        assertEquals(200, sum);
        assertEquals(200, all.size());
    }

    private List<LeasedPassage> lease(String owner, int max, Duration lease) {
        return queue.lease(MODEL, RECIPE, max, owner, lease);
    }

    private void complete(LeasedPassage leased, String owner, String adapter, String note) {
        String checksum = store.put(adapter, new byte[] {1, 2});
        assertTrue(queue.complete(leased.encodingId(), owner, adapter, checksum, 2, note));
    }

    private static List<String> ids(List<LeasedPassage> leased) {
        return leased.stream().map(LeasedPassage::passageId).toList();
    }
}

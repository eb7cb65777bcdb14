package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kept counts are those that counting would find, whatever is done, and by how many at the same time. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CountsTest {
    private static final int DOCUMENTS = 12;
    /** Few, so that documents often share them. */
    private static final int TEXTS = 8;

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    Counts counts;

    @Inject
    AdapterStore store;

    @Inject
    Sql sql;

    @BeforeEach
    @AfterEach
    void empty() {
        corpus.deleteAll(sql.strings("SELECT id FROM document"));
        targets.list()
                .forEach(view ->
                        targets.remove(view.target().model(), view.target().recipe(), true));
    }

    @Test
    void whateverIsDoneOneAfterTheOther() {
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            act(random, "one");
            assertCounted();
        }
    }

    @Test
    void whateverIsDoneAtTheSameTime() throws Exception {
        Registration.of(targets, "m", "r0");
        List<Future<?>> workers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int worker = 0; worker < 4; worker++) {
                Random random = new Random(worker);
                String owner = "owner" + worker;
                workers.add(threads.submit(() -> {
                    for (int i = 0; i < 120; i++) {
                        act(random, owner);
                    }
                }));
            }
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
        assertCounted();
        for (int i = 0; i < 50; i++) {
            corpus.ingest(List.of(document(i, new Random(i))));
        }
        sql.update("INSERT INTO corpus_count SELECT 1, 0 FROM generate_series(1, 500)");
        sql.update("INSERT INTO corpus_count SELECT -1, 0 FROM generate_series(1, 500)");
        counts.compact();
        assertEquals(1, sql.number("SELECT count(*) FROM corpus_count"));
        assertCounted();
    }

    private void act(Random random, String owner) {
        String recipe = "r" + random.nextInt(2);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> {
                List<DocumentInput> some = new ArrayList<>();
                for (int i = random.nextInt(DOCUMENTS); i < DOCUMENTS; i += 1 + random.nextInt(5)) {
                    some.add(document(i, random));
                }
                corpus.ingest(some);
            }
            case 3 -> corpus.delete("count" + random.nextInt(DOCUMENTS));
            case 4 -> targets.register(new Target("m", recipe, "m", "r"));
            case 5 -> targets.fill("m", recipe);
            case 6 -> targets.remove("m", "r1", random.nextBoolean());
            case 7 -> queue.release(owner);
            case 8 -> queue.retryFailed("m", recipe);
            case 9 -> counts.compact();
            default -> {
                queue.heartbeat(owner, Duration.ofSeconds(20));
                for (LeasedPassage leased : queue.lease(
                        "m", recipe, 1 + random.nextInt(3), owner, Duration.ofMillis(5 * random.nextInt(9)))) {
                    if (random.nextBoolean()) {
                        String adapter =
                                "ad" + recipe.charAt(1) + leased.textHash().substring(0, 20);
                        queue.beforeStoring(adapter);
                        String checksum = store.put(adapter, new byte[] {1});
                        queue.complete(leased.encodingId(), owner, adapter, checksum, 1, null);
                    } else if (random.nextBoolean()) {
                        queue.fail(leased.encodingId(), owner, "no luck", null, random.nextBoolean());
                    }
                }
            }
        }
    }

    private static DocumentInput document(int i, Random random) {
        StringBuilder text = new StringBuilder();
        for (int passage = random.nextInt(3); passage >= 0; passage--) {
            text.append("# H\n\n")
                    .append(("w" + random.nextInt(TEXTS) + " ").repeat(80))
                    .append(".\n\n");
        }
        return new DocumentInput("count" + i, null, text.toString(), null, null);
    }

    private void assertCounted() {
        assertEquals(sql.number("SELECT count(*) FROM document"), corpus.documents());
        assertEquals(sql.number("SELECT count(*) FROM passage"), sql.number("SELECT sum(passages) FROM corpus_count"));
        String states = "SELECT model || recipe || state || sum(n) FROM ";
        assertEquals(
                sql.strings(states + "(SELECT e.model, e.recipe, e.state, count(*) AS n FROM encoding e JOIN passage p"
                        + " ON p.text_hash = e.text_hash GROUP BY e.model, e.recipe, e.state) c"
                        + " GROUP BY model, recipe, state ORDER BY 1"),
                sql.strings(states + "(SELECT model, recipe, state, passages AS n FROM encoding_count) c"
                        + " GROUP BY model, recipe, state HAVING sum(n) <> 0 ORDER BY 1"));
        assertEquals(
                sql.strings(
                        "SELECT t.recipe || count(p.id) FROM target t LEFT JOIN passage p ON NOT EXISTS (SELECT"
                                + " FROM encoding e WHERE e.text_hash = p.text_hash AND e.model = t.model"
                                + " AND e.recipe = t.recipe AND e.state IN ('READY', 'WITHHELD', 'FAILED')) GROUP BY t.recipe ORDER BY 1"),
                sql.strings("SELECT recipe || pending FROM encoding_pending ORDER BY 1"),
                "what an autoscaler asks");
    }
}

package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What questions retrieve, and what the queue makes of it. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@Timeout(60)
class DemandTest {
    private static final String MODEL = "wanted-model";
    private static final String RECIPE = "recipe";
    private static final Duration LEASE = Duration.ofSeconds(20);

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    AdapterStore store;

    @Inject
    DemandRows rows;

    @Inject
    Sql sql;

    @Inject
    AgroalDataSource database;

    private Demand demand;
    private List<String> passages;
    private List<String> texts;

    @BeforeEach
    void fourPassages() {
        demand = new Demand(rows, true);
        sql.update("DELETE FROM demand_day WHERE model = ?", MODEL);
        passages = ingest();
        texts = sql.strings("SELECT text_hash FROM passage WHERE id = ANY (?)", passages);
        Registration.of(targets, MODEL, RECIPE);
    }

    @AfterEach
    void leaveNothing() {
        IntStream.range(0, 4).forEach(i -> corpus.delete("wanted-" + i));
        targets.remove(MODEL, RECIPE, true);
        targets.remove(MODEL, "later", true);
        assertEquals(
                0, sql.number("SELECT count(*) FROM demand WHERE text_hash = ANY (?)", texts), "gone with the texts");
    }

    private List<String> ingest() {
        return corpus
                .ingest(IntStream.range(0, 4)
                        .mapToObj(i -> new DocumentInput("wanted-" + i, null, "Text number " + i + ".", null, null))
                        .toList())
                .stream()
                .map(i -> i.passageIds().getFirst())
                .toList();
    }

    /** Passages by their numbers, as questions retrieve them. */
    private void retrieve(int... numbers) {
        for (int number : numbers) {
            demand.count(MODEL, RECIPE, List.of(passages.get(number)));
        }
        demand.write();
    }

    /** The numbers of passages in the order in which an encoder gets them. */
    private List<Integer> order(String recipe) {
        List<Integer> order = new ArrayList<>();
        List<LeasedPassage> next = queue.lease(MODEL, recipe, 1, "one", LEASE);
        while (!next.isEmpty()) {
            order.add(passages.indexOf(next.getFirst().passageId()));
            next = queue.lease(MODEL, recipe, 1, "one", LEASE);
        }
        return order;
    }

    @Test
    void whatIsRetrievedMostIsEncodedFirst() {
        retrieve(2, 3, 3);
        assertEquals(List.of(3, 2, 0, 1), order(RECIPE));
        queue.release("one");
        retrieve(1, 1, 1, 1);
        assertEquals(List.of(1, 3, 2, 0), order(RECIPE));
    }

    @Test
    void aTargetThatIsRegisteredLaterKnowsIt() {
        retrieve(2);
        Registration.of(targets, MODEL, "later");
        assertEquals(List.of(2, 0, 1, 3), order("later"));
    }

    @Test
    void aTextThatComesBackIsNewToAll() {
        retrieve(2);
        IntStream.range(0, 4).forEach(i -> corpus.delete("wanted-" + i));
        passages = ingest();
        assertEquals(List.of(0, 1, 2, 3), order(RECIPE));
    }

    @Test
    void retrievalsAreCountedByDayWithThoseThatHaveAnAdapter() {
        LeasedPassage first = queue.lease(MODEL, RECIPE, 1, "one", LEASE).getFirst();
        String adapter = "0123abcd0123abcd";
        queue.beforeStoring(adapter);
        String checksum = store.put(adapter, new byte[] {1, 2});
        queue.complete(first.encodingId(), "one", adapter, checksum, 2, null);
        retrieve(0, 0, 0, 1);
        assertEquals(new Demand.Retrieved(4, 3), demand.retrieved(MODEL, RECIPE, 30));
        retrieve(2);
        assertEquals(new Demand.Retrieved(5, 3), demand.retrieved(MODEL, RECIPE, 30));
        assertEquals(new Demand.Retrieved(0, 0), demand.retrieved(MODEL, "other", 30));
    }

    /** A row that an encoder or a writer holds is passed over. */
    @Test
    void whoCountsWaitsForNobody() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM encoding WHERE model = '" + MODEL + "' FOR UPDATE");
            retrieve(3);
            connection.rollback();
        }
        assertEquals(0, order(RECIPE).getFirst());
        queue.release("one");
        retrieve(3);
        assertEquals(3, order(RECIPE).getFirst(), "the next time it is seen");
    }

    @Test
    void passagesThatAreGoneCountAsNothing() {
        demand.count(MODEL, RECIPE, List.of("gone"));
        demand.write();
        assertEquals(new Demand.Retrieved(0, 0), demand.retrieved(MODEL, RECIPE, 30));
    }

    @Test
    void nothingIsCountedWhereTheSettingSaysSo() {
        demand = new Demand(rows, false);
        retrieve(3);
        assertEquals(List.of(0, 1, 2, 3), order(RECIPE));
    }

    /** What is counted between two writes has a bound, and an error of the database is nobody's. */
    @Test
    void memoryIsBoundedAndErrorsAreForgotten() {
        List<Integer> written = new ArrayList<>();
        Demand failing = new Demand(
                new DemandRows() {
                    @Override
                    void add(List<String> passageIds, List<String> counts) {
                        written.add(passageIds.size());
                        throw new IllegalStateException("the database is gone");
                    }
                },
                true);
        failing.count(
                MODEL,
                RECIPE,
                IntStream.range(0, Demand.MOST + 5).mapToObj(i -> "p" + i).toList());
        failing.count(MODEL, RECIPE, Collections.nCopies(3, "p1"));
        failing.write();
        failing.count(MODEL, RECIPE, List.of("p1"));
        failing.write();
        failing.write();
        assertEquals(List.of(Demand.MOST, 1), written);
    }
}

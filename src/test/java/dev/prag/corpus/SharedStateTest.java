package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What several processes on one database and one store rely on. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class SharedStateTest {
    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    AdapterStore store;

    @Inject
    AdapterRemoval removal;

    @Inject
    AgroalDataSource source;

    @Inject
    Targets targets;

    @Inject
    Changes changes;

    @Inject
    Sql sql;

    @BeforeEach
    @AfterEach
    void empty() {
        corpus.deleteAll(sql.strings("SELECT id FROM document"));
    }

    @Test
    void anAnswerReadsWhileAllOtherConnectionsAreTaken() throws SQLException {
        String passage = corpus.ingest(List.of(new DocumentInput("s", null, "A text.", null, null)))
                .getFirst()
                .passageIds()
                .getFirst();
        Registration.of(targets, "m", "shared");
        queue.lease("m", "shared", 1, "owner", Duration.ofSeconds(20));
        List<Connection> taken = new ArrayList<>();
        try {
            assertThrows(SQLException.class, () -> {
                while (true) {
                    taken.add(source.getConnection());
                }
            });
            assertEquals("A text.", corpus.passages(List.of(passage)).getFirst().text());
            assertEquals(Map.of(), queue.adapters("m", "shared", List.of(passage)));
            assertEquals(
                    Map.of(passage, EncodingState.LEASED),
                    queue.states("m", "shared", List.of(passage), Principal.LOCAL));
            assertEquals(1, queue.heartbeat("owner", Duration.ofSeconds(20)).size(), "nor does a lease run out");
        } finally {
            for (Connection connection : taken) {
                connection.close();
            }
        }
    }

    @Test
    void ofSeveralProcessesOneDeletesAndNobodyWaitsForIt() throws SQLException {
        store.put("feed0001", new byte[] {1});
        sql.update("INSERT INTO adapter_removal (adapter_id, created_at, not_before, reason)"
                + " VALUES ('feed0001', now(), now(), 'deleted')");
        try (Connection other = source.getConnection()) {
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT pg_advisory_xact_lock(" + AdapterRemoval.REMOVER + ")");
            removal.run();
            assertTrue(store.get("feed0001").isPresent());
            other.rollback();
        }
        removal.run();
        assertTrue(store.get("feed0001").isEmpty());
    }

    @Test
    void theStoreOfAnotherCorpusIsRefusedAndNothingIsDeletedThere() {
        assertEquals(changes.corpusId(), store.claim(changes.corpusId()));
        StoreClaim claim = new StoreClaim();
        claim.store = store;
        claim.sql = sql;
        claim.changes = new Changes() {
            @Override
            public String corpusId() {
                return "another";
            }
        };
        UserException refused = assertThrows(UserException.class, claim::require);
        assertEquals(UserException.Kind.CONFLICT, refused.kind());
        assertTrue(
                refused.getMessage().contains("another") && refused.getMessage().contains(changes.corpusId()),
                refused.getMessage());
        store.put("feed0002", new byte[] {1});
        sql.update("INSERT INTO adapter_removal (adapter_id, created_at, not_before, reason)"
                + " VALUES ('feed0002', now(), now(), 'deleted')");
        AdapterRemoval theirs = new AdapterRemoval();
        theirs.sql = sql;
        theirs.store = store;
        theirs.claim = claim;
        theirs.run();
        assertTrue(store.get("feed0002").isPresent());
        removal.run();
        assertTrue(store.get("feed0002").isEmpty());
    }

    @Test
    void moreThanATransactionHoldsIsKeptUpToAMistake() {
        List<Ingested> told = new ArrayList<>();
        Intake intake = corpus.intake(told::add);
        for (int i = 0; i < 700; i++) {
            intake.add(new DocumentInput("i" + i, null, "Text " + i + ".", null, null));
        }
        assertThrows(UserException.class, () -> intake.add(new DocumentInput("i700", null, " ", null, null)));
        assertEquals(Intake.DOCUMENTS, intake.kept());
        assertEquals(Intake.DOCUMENTS, corpus.documents());
        assertEquals(Intake.DOCUMENTS, told.size());

        List<DocumentInput> all = IntStream.range(0, 1201)
                .mapToObj(i -> new DocumentInput("i" + i, null, "Text " + i + ".", null, null))
                .toList();
        List<Ingested> ingested = corpus.ingest(all);
        assertEquals(
                Intake.DOCUMENTS,
                ingested.stream()
                        .filter(one -> one.outcome() == Ingested.Outcome.UNCHANGED)
                        .count());
        assertEquals(1201, corpus.documents());
        List<DocumentInput> bad = new ArrayList<>(all);
        bad.set(1200, new DocumentInput("i1200", null, "", null, null));
        bad.set(0, new DocumentInput("i0", null, "Changed.", null, null));
        assertThrows(UserException.class, () -> corpus.ingest(bad));
        assertEquals(
                "Text 0.",
                corpus.passages(ingested.getFirst().passageIds()).getFirst().text(),
                "nothing was changed");
    }
}

package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class LeadershipTest {
    @Inject
    Leaderships leaderships;

    @Inject
    Sql sql;

    @Test
    void oneLeadsUntilItLetsGo() {
        try (Leadership first = leaderships.ofIndexSnapshots();
                Leadership second = leaderships.ofIndexSnapshots()) {
            assertTrue(first.isMine());
            assertTrue(first.isMine(), "it stays");
            assertFalse(second.isMine());
            first.close();
            assertTrue(second.isMine());
            assertFalse(first.isMine());
        }
    }

    @Test
    void anotherTakesOverFromOneWhoseConnectionDied() throws InterruptedException {
        try (Leadership first = leaderships.ofIndexSnapshots();
                Leadership second = leaderships.ofIndexSnapshots()) {
            assertTrue(first.isMine());
            assertEquals(
                    1,
                    sql.strings(
                                    "SELECT pg_terminate_backend(pid)::text FROM pg_locks"
                                            + " WHERE locktype = 'advisory' AND granted AND classid = 112 AND objid = 1918986001")
                            .size());
            boolean mine = second.isMine();
            for (int i = 0; i < 1200 && !mine; i++) {
                Thread.sleep(50);
                mine = second.isMine();
            }
            assertTrue(mine);
            assertFalse(first.isMine());
        }
    }
}

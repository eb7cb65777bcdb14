package dev.prag.corpus;

import dev.prag.base.BusyException;
import dev.prag.database.DatabaseTrouble;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Those who write the corpus, one after the other: in this process they queue before they take a connection, so that
 * readers keep theirs, and among processes by an advisory lock of the database.
 */
@ApplicationScoped
class Writers {
    /** Of the advisory lock under which the corpus is written. */
    static final long WRITER = 0x70726167_01L;

    /**
     * Statements are planned for the tables as they are now: a plan that was made when these were empty, and is kept with
     * its connection, reads all of a table for every batch.
     */
    private static final String PLANS = "force_custom_plan";

    private static final int LONGEST_SECONDS = 3600;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ReentrantLock turn = new ReentrantLock(true);

    @Inject
    Sql sql;

    /**
     * Runs the work in a transaction of its own, when it is its turn.
     *
     * @throws BusyException if its turn doesn't come for long; nothing was done
     */
    <T> T write(Supplier<T> work) {
        takeTurn();
        try {
            return QuarkusTransaction.requiringNew().timeout(LONGEST_SECONDS).call(() -> {
                sql.strings(
                        "SELECT set_config('lock_timeout', ?, true), set_config('plan_cache_mode', ?, true)",
                        PATIENCE.toMillis() + "ms",
                        PLANS);
                sql.strings("SELECT pg_advisory_xact_lock(?)::text", WRITER);
                sql.strings("SELECT set_config('lock_timeout', '0', true)");
                return work.get();
            });
        } catch (IllegalStateException e) {
            if (DatabaseTrouble.isLocked(e)) {
                throw busy();
            }
            throw e;
        } finally {
            turn.unlock();
        }
    }

    private void takeTurn() {
        try {
            if (!turn.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw busy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        }
    }

    private static BusyException busy() {
        return new BusyException("busy: others are writing documents", PATIENCE);
    }
}

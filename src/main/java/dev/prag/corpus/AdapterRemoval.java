package dev.prag.corpus;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Deletes adapters from the store for which a reason is noted, and nothing else: the store may hold what nobody here
 * knows. The transaction that takes rows out leaves a note for each, so that a crash before the file is gone only delays
 * it; an encoder notes what it is about to store, and marking the passage ready takes the note back. Of all processes one
 * deletes at a time, once whoever may have looked an adapter up before has read it.
 */
@ApplicationScoped
class AdapterRemoval {
    private static final System.Logger LOG = System.getLogger(AdapterRemoval.class.getName());
    /** Of the advisory lock of the process that deletes. */
    static final long REMOVER = 0x70726167_02L;

    private static final int BATCH = 50;
    /** Longer than an encoder takes from storing an adapter, or finding it stored, to marking its passage ready. */
    static final Duration IN_FLIGHT = Duration.ofMinutes(5);

    @Inject
    Sql sql;

    @Inject
    AdapterStore store;

    @Inject
    StoreClaim claim;

    @Inject
    CorpusConfig config;

    /** Deletes what is noted and due, unless another process is at it. What can't be deleted now stays noted. */
    void run() {
        try {
            while (isAnyDue() && step() == BATCH) {
                LOG.log(System.Logger.Level.DEBUG, "{0} adapters were deleted, and there are more", BATCH);
            }
        } catch (UserException e) {
            LOG.log(System.Logger.Level.WARNING, "adapters that nobody needs are not deleted now: {0}", e.getMessage());
        }
    }

    private boolean isAnyDue() {
        boolean due = !sql.strings("SELECT adapter_id FROM adapter_removal WHERE not_before <= now() LIMIT 1")
                .isEmpty();
        if (due) {
            claim.require();
        }
        return due;
    }

    private int step() {
        return QuarkusTransaction.requiringNew().call(() -> {
            if (sql.number("SELECT pg_try_advisory_xact_lock(?)::int", REMOVER) == 0) {
                return 0;
            }
            List<String> noted = sql.strings(
                    "SELECT adapter_id FROM adapter_removal WHERE not_before <= now()"
                            + " ORDER BY not_before LIMIT ? FOR UPDATE SKIP LOCKED",
                    BATCH);
            if (!noted.isEmpty()) {
                Set<String> used = used(noted);
                noted.stream().filter(id -> !used.contains(id)).forEach(store::delete);
                sql.update("DELETE FROM adapter_removal WHERE adapter_id = ANY (?)", noted);
            }
            return noted.size();
        });
    }

    /** Notes adapters whose rows are about to go, to be deleted once their readers have gone. */
    void note(String reason, String where, Object... parameters) {
        Object[] all = new Object[parameters.length + 2];
        all[0] = config.removalGrace().toMillis();
        all[1] = reason;
        System.arraycopy(parameters, 0, all, 2, parameters.length);
        sql.update(
                "INSERT INTO adapter_removal (adapter_id, created_at, not_before, reason)"
                        + " SELECT id, now(), now() + ? * interval '1 millisecond', ? FROM adapter WHERE " + where
                        + " ON CONFLICT DO NOTHING",
                all);
    }

    /** Notes an adapter that is about to be stored: unless it is marked ready, it is deleted later. */
    void noteBeforeStoring(String adapterId) {
        sql.update(
                "INSERT INTO adapter_removal (adapter_id, created_at, not_before, reason)"
                        + " VALUES (?, now(), now() + ? * interval '1 millisecond', 'unfinished')"
                        + " ON CONFLICT (adapter_id) DO UPDATE SET not_before = excluded.not_before",
                adapterId,
                IN_FLIGHT.toMillis());
    }

    /** Keeps those of the adapters that are noted from being deleted while somebody is about to use them. */
    void holdOff(Collection<String> adapterIds) {
        sql.update(
                "UPDATE adapter_removal SET not_before = now() + ? * interval '1 millisecond'"
                        + " WHERE adapter_id IN (SELECT adapter_id FROM adapter_removal WHERE adapter_id = ANY (?)"
                        + " ORDER BY adapter_id FOR UPDATE)",
                IN_FLIGHT.toMillis(),
                adapterIds);
    }

    /** Deletes an adapter that was noted before storing and that nobody will mark ready. */
    void discard(String adapterId) {
        sql.update("UPDATE adapter_removal SET not_before = now() WHERE adapter_id = ?", adapterId);
        run();
    }

    private Set<String> used(List<String> ids) {
        return new HashSet<>(sql.strings("SELECT id FROM adapter WHERE id = ANY (?)", ids));
    }
}

package dev.prag.corpus;

import dev.prag.adapterstore.AdapterStore;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Deletes adapters from the store once their rows are gone, and nothing that isn't noted: the store may hold what
 * another database knows. The transaction that takes rows out leaves a note for each, so that a crash before the file is
 * gone only delays it; an encoder notes what it is about to store, and marking the passage ready takes the note back.
 */
@ApplicationScoped
class AdapterRemoval {
    private static final int BATCH = 200;
    /** Longer than an encoder takes from storing an adapter, or finding it stored, to marking its passage ready. */
    private static final Duration IN_FLIGHT = Duration.ofMinutes(5);

    @Inject
    Sql sql;

    @Inject
    AdapterStore store;

    /** Deletes what is noted and due. */
    void run() {
        int done;
        do {
            done = QuarkusTransaction.requiringNew().call(() -> {
                List<String> noted = sql.strings(
                        "SELECT adapter_id FROM adapter_removal WHERE not_before <= now()"
                                + " ORDER BY adapter_id LIMIT ? FOR UPDATE SKIP LOCKED",
                        BATCH);
                if (!noted.isEmpty()) {
                    Set<String> used = used(noted);
                    noted.stream().filter(id -> !used.contains(id)).forEach(store::delete);
                    sql.update("DELETE FROM adapter_removal WHERE adapter_id = ANY (?)", noted);
                }
                return noted.size();
            });
        } while (done == BATCH);
    }

    /** Notes an adapter that is about to be stored: unless it is marked ready, it is deleted later. */
    void noteBeforeStoring(String adapterId) {
        sql.update(
                "INSERT INTO adapter_removal (adapter_id, created_at, not_before)"
                        + " VALUES (?, now(), now() + ? * interval '1 millisecond')"
                        + " ON CONFLICT (adapter_id) DO UPDATE SET not_before = excluded.not_before",
                adapterId,
                IN_FLIGHT.toMillis());
    }

    /** Keeps those of the adapters that are noted from being deleted while somebody is about to use them. */
    void holdOff(Collection<String> adapterIds) {
        sql.update(
                "UPDATE adapter_removal SET not_before = now() + ? * interval '1 millisecond'"
                        + " WHERE adapter_id = ANY (?)",
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

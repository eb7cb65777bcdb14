package dev.prag.corpus;

import dev.prag.adapterstore.AdapterStore;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Deletes adapters from the store once their rows are gone. The transaction that takes rows out leaves a note for each,
 * so that a crash before the file is gone only delays it.
 */
@ApplicationScoped
class AdapterRemoval {
    private static final Logger LOG = Logger.getLogger(AdapterRemoval.class);
    private static final int BATCH = 200;
    /** Longer than an encoder takes from storing an adapter to marking its passage ready. */
    private static final Duration IN_FLIGHT = Duration.ofMinutes(5);

    @Inject
    Sql sql;

    @Inject
    AdapterStore store;

    /** What a process left undone that ended in the middle is done when the next one starts, beside its work. */
    void atStart(@Observes StartupEvent start) {
        Thread.ofVirtual().name("remove adapters").start(() -> {
            try {
                run();
                sweep();
            } catch (RuntimeException e) {
                // A short command may end before this does; the next start tries again.
                LOG.debug("adapters that nobody needs are removed later", e);
            }
        });
    }

    /** Deletes what is noted. */
    void run() {
        int done;
        do {
            done = QuarkusTransaction.requiringNew().call(() -> {
                List<String> noted = sql.strings(
                        "SELECT adapter_id FROM adapter_removal ORDER BY adapter_id LIMIT ? FOR UPDATE SKIP LOCKED",
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

    /** Deletes the adapter unless a passage uses it. */
    void discard(String adapterId) {
        if (used(List.of(adapterId)).isEmpty()) {
            store.delete(adapterId);
        }
    }

    /** Deletes adapters that were stored by an encoder that was killed before it could say so, and not made again. */
    void sweep() {
        Instant before = Instant.now().minus(IN_FLIGHT);
        List<String> old = store.list().stream()
                .filter(entry -> entry.modifiedAt().isBefore(before))
                .map(AdapterStore.Entry::id)
                .toList();
        for (int from = 0; from < old.size(); from += BATCH) {
            List<String> ids = new ArrayList<>(old.subList(from, Math.min(old.size(), from + BATCH)));
            ids.removeAll(used(ids));
            ids.forEach(store::delete);
        }
    }

    private Set<String> used(List<String> ids) {
        return new HashSet<>(sql.strings("SELECT id FROM adapter WHERE id = ANY (?)", ids));
    }
}

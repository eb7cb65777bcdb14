package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The sequence of the corpus's changes, which is committed with what they change. Whoever derives something from the
 * corpus keeps the {@link #corpusId} and the number up to which it has followed, and goes on from there after any crash;
 * from 0 it meets every document once. A document that changes again moves to the end, so that the sequence is never
 * longer than the documents that there were.
 */
@ApplicationScoped
public class Changes {
    /** The channel of the database that wakes those who wait. */
    static final String CHANNEL = "prag_change";

    @Inject
    Sql sql;

    @Inject
    ChangeSignal signal;

    /** Which corpus this is: another database has another one. */
    public String corpusId() {
        return sql.strings("SELECT id FROM corpus").getFirst();
    }

    /** The number of the last change; 0 if there was none. */
    public long last() {
        return sql.number("SELECT coalesce(max(seq), 0) FROM change");
    }

    /** Up to {@code most} changes after that number, in their order. */
    public List<Change> after(long seq, int most) {
        return sql.query(
                row -> new Change(row.getLong(1), row.getString(2)),
                "SELECT seq, document_id FROM change WHERE seq > ? ORDER BY seq LIMIT ?",
                seq,
                most);
    }

    /**
     * Waits until there is a change after that number, or for so long: a notification of the database ends it early,
     * and where none arrives, looking again does.
     *
     * @return the number of the last change
     * @throws InterruptedException if the thread is
     */
    public long await(long seq, Duration most) throws InterruptedException {
        return signal.await(this::last, seq, most);
    }

    /** Ends the waiting of all who {@link #await} in this process, as it ends. */
    public void wake() {
        signal.wake();
    }

    /** Records the change of documents; in the transaction, and within the turn, of whoever writes the corpus. */
    void record(Collection<String> documentIds) {
        if (documentIds.isEmpty()) {
            return;
        }
        sql.update(
                "INSERT INTO change (document_id, seq) SELECT id, nextval('change_seq') FROM unnest(?) AS n (id)"
                        + " ON CONFLICT (document_id) DO UPDATE SET seq = excluded.seq",
                documentIds);
        sql.strings("SELECT pg_notify(?, '')::text", CHANNEL);
    }
}

package dev.prag.corpus;

import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterRef;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows that say what is to be encoded, under every model and recipe, shared by any number of encoders. A lease
 * belongs to its owner until it runs out by the database's clock and another takes it. Passages of equal text are one
 * row. Each call is one short transaction.
 */
@ApplicationScoped
public class EncodingQueue {
    /** The longest lease. */
    public static final Duration MAX_LEASE = Duration.ofSeconds(30);

    private static final int LONGEST_ERROR = 2000;
    private static final int LONGEST_DETAIL = 8000;
    /** Locked in the order in which writers lock rows, so that two never wait for each other. */
    private static final String OWNED = " (SELECT id FROM encoding WHERE owner = ? ORDER BY id FOR UPDATE)";

    private static final String ADAPTERS = "SELECT a.id, a.model, a.recipe, a.checksum, a.bytes, a.created_at,"
            + " (SELECT d.title FROM passage p JOIN document d ON d.id = p.document_id WHERE p.text_hash = a.text_hash"
            + " ORDER BY p.id LIMIT 1), t.text,"
            + " (SELECT count(*) FROM passage p WHERE p.text_hash = a.text_hash)"
            + " FROM adapter a JOIN passage_text t ON t.hash = a.text_hash ";

    @Inject
    Sql sql;

    @Inject
    AnswerSql answerSql;

    @Inject
    CorpusConfig config;

    @Inject
    AdapterRemoval removal;

    @Inject
    Counts counts;

    /**
     * Up to {@code max} passages for nobody else until {@code lease} has passed: first those that questions retrieve
     * most, then the others in the order they came in.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public List<LeasedPassage> lease(String model, String recipe, int max, String owner, Duration lease) {
        return take(free(model, recipe, TextSelection.ALL, max), owner, lease);
    }

    /** The same of some texts. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<LeasedPassage> lease(
            String model, String recipe, TextSelection texts, int max, String owner, Duration lease) {
        return take(free(model, recipe, texts, max), owner, lease);
    }

    private List<String> free(String model, String recipe, TextSelection texts, int max) {
        List<String> rows =
                new ArrayList<>(free("state = 'LEASED' AND lease_until < now()", "seq", model, recipe, texts, max));
        if (rows.size() < max) {
            rows.addAll(free(
                    "state = 'PENDING' AND demand > 0", "demand DESC, seq", model, recipe, texts, max - rows.size()));
        }
        if (rows.size() < max) {
            rows.addAll(free("state = 'PENDING' AND demand = 0", "seq", model, recipe, texts, max - rows.size()));
        }
        return rows;
    }

    /** The texts of passages. */
    public TextSelection texts(Collection<String> passageIds) {
        return TextSelection.of(sql.strings("SELECT text_hash FROM passage WHERE id = ANY (?)", passageIds));
    }

    private List<LeasedPassage> take(List<String> rows, String owner, Duration lease) {
        return sql.query(
                row -> new LeasedPassage(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getInt(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getString(8),
                        row.getInt(9)),
                "WITH taken AS (UPDATE encoding SET state = 'LEASED', owner = ?,"
                        + " lease_until = now() + ? * interval '1 millisecond', updated_at = now()"
                        + " WHERE id = ANY (?::bigint[]) RETURNING id, seq, text_hash,"
                        + " attempts + earlier_attempts AS attempts)"
                        + " SELECT taken.id, p.id, p.document_id, p.position, d.title, p.headings, t.text, taken.text_hash,"
                        + " taken.attempts"
                        + " FROM taken JOIN passage_text t ON t.hash = taken.text_hash"
                        + " JOIN LATERAL (SELECT id, document_id, position, headings FROM passage WHERE text_hash = taken.text_hash"
                        + " ORDER BY id LIMIT 1) p ON true JOIN document d ON d.id = p.document_id ORDER BY taken.seq",
                owner,
                millis(lease),
                rows);
    }

    /**
     * As {@link #lease(String, String, TextSelection, int, String, Duration)}, of pending passages alone, and of those only the ones that no augmentation is kept for.
     *
     * @param key of the augmentations
     * @param after the row behind which is looked; 0 for all
     */
    @Transactional(TxType.REQUIRES_NEW)
    public List<LeasedPassage> leaseUnaugmented(
            String model,
            String recipe,
            TextSelection texts,
            String key,
            long after,
            int max,
            String owner,
            Duration lease) {
        return take(
                sql.strings(
                        "SELECT e.id::text FROM encoding e WHERE e.model = ? AND e.recipe = ? AND e.state = 'PENDING'"
                                + " AND e.seq > coalesce((SELECT seq FROM encoding WHERE id = ?), 0) AND NOT EXISTS"
                                + " (SELECT FROM augmentation a WHERE a.text_hash = e.text_hash AND a.key = ?) AND "
                                + texts.condition("e.text_hash")
                                + " ORDER BY e.seq LIMIT " + max + " FOR UPDATE OF e SKIP LOCKED",
                        texts.parameters(model, recipe, after, key)),
                owner,
                lease);
    }

    /** Locks rows that nobody else is about to take. The bound stands in the statement: the plan depends on it. */
    private List<String> free(String which, String order, String model, String recipe, TextSelection texts, int max) {
        return sql.strings(
                "SELECT id::text FROM encoding WHERE model = ? AND recipe = ? AND " + which + " AND "
                        + texts.condition("text_hash") + " ORDER BY " + order + " LIMIT " + max
                        + " FOR UPDATE SKIP LOCKED",
                texts.parameters(model, recipe));
    }

    /** Renews what the owner still holds; returns the ids, so that those lost or deleted can be dropped. */
    public List<Long> heartbeat(String owner, Duration lease) {
        return answerSql.query(
                row -> row.getLong(1),
                "UPDATE encoding SET lease_until = now() + ? * interval '1 millisecond' WHERE id IN" + OWNED
                        + " RETURNING id",
                millis(lease),
                owner);
    }

    private static long millis(Duration lease) {
        if (lease.isNegative() || lease.compareTo(MAX_LEASE) > 0) {
            throw new IllegalArgumentException("a lease of " + lease + "; the longest is " + MAX_LEASE);
        }
        return lease.toMillis();
    }

    /**
     * To be called before an adapter is stored. One that is stored and then not marked ready, because its encoder was
     * killed and its passage deleted, is deleted later.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public void beforeStoring(String adapterId) {
        removal.noteBeforeStoring(adapterId);
    }

    /** To be called before adapters are looked for in the store: those that are to be deleted are kept for a while. */
    @Transactional(TxType.REQUIRES_NEW)
    public void beforeReuse(Collection<String> adapterIds) {
        removal.holdOff(adapterIds);
    }

    /** Deletes adapters from the store that are noted for it. */
    public void removeUnused() {
        removal.run();
    }

    /**
     * Marks the passage ready, its adapter being in the store. False if the owner no longer holds it: where another
     * encoder took it, that one goes on with the adapter; where its last passage was deleted, an adapter that was noted
     * before storing has been taken out of the store again.
     *
     * @param note what is to be known of it, such as augmentations that could not be had; may be null
     */
    public boolean complete(long encodingId, String owner, String adapterId, String checksum, long bytes, String note) {
        boolean there = finish(encodingId, owner, adapterId, checksum, bytes, note);
        if (!there && sql.number("SELECT count(*) FROM encoding WHERE id = ?", encodingId) == 0) {
            removal.discard(adapterId);
        }
        return there;
    }

    private boolean finish(long encodingId, String owner, String adapterId, String checksum, long bytes, String note) {
        return QuarkusTransaction.requiringNew().call(() -> {
            // The lock on the row comes first: whoever deletes the passage waits for it and then sees the adapter.
            if (sql.strings("SELECT id::text FROM encoding WHERE id = ? AND owner = ? FOR UPDATE", encodingId, owner)
                    .isEmpty()) {
                return false;
            }
            sql.update(
                    "INSERT INTO adapter (id, text_hash, model, recipe, checksum, bytes, created_at)"
                            + " SELECT ?, text_hash, model, recipe, ?, ?, now() FROM encoding WHERE id = ?"
                            + " ON CONFLICT (id) DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes",
                    adapterId,
                    checksum,
                    bytes,
                    encodingId);
            sql.update("DELETE FROM adapter_removal WHERE adapter_id = ?", adapterId);
            sql.update(
                    "UPDATE encoding SET state = 'READY', adapter_id = ?, note = ?, error = NULL, detail = NULL, attempts = 0,"
                            + " owner = NULL, lease_until = NULL, updated_at = now() WHERE id = ?",
                    adapterId,
                    note,
                    encodingId);
            return true;
        });
    }

    /** Keeps what the passage's adapter is worth, if the owner still holds it. */
    @Transactional(TxType.REQUIRES_NEW)
    public void saveMeasure(long encodingId, String owner, AdapterMeasure measure) {
        sql.update(
                "INSERT INTO adapter_measure (encoding_id, own, other, none, neutral, trainings, learning_rate,"
                        + " strength, measured_at) SELECT id, ?::double precision, ?::double precision,"
                        + " ?::double precision, ?::double precision, ?, ?, ?::double precision, now()"
                        + " FROM encoding WHERE id = ? AND owner = ?"
                        + " ON CONFLICT (encoding_id) DO UPDATE SET own = excluded.own, other = excluded.other,"
                        + " none = excluded.none, neutral = excluded.neutral, trainings = excluded.trainings,"
                        + " learning_rate = excluded.learning_rate, strength = excluded.strength, measured_at = excluded.measured_at",
                measure.own(),
                measure.other(),
                measure.none(),
                measure.neutral(),
                measure.trainings(),
                measure.learningRate(),
                measure.strength(),
                encodingId,
                owner);
    }

    /** Marks the passage as one whose adapter isn't to be used; false if the owner no longer holds it. */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean withhold(long encodingId, String owner, String reason) {
        return sql.update(
                        "UPDATE encoding SET state = 'WITHHELD', note = ?, error = NULL, detail = NULL, attempts = 0,"
                                + " owner = NULL, lease_until = NULL, updated_at = now() WHERE id = ? AND owner = ?",
                        bounded(reason, LONGEST_ERROR),
                        encodingId,
                        owner)
                > 0;
    }

    /**
     * Counts a failed attempt; after {@code prag.encoder.attempts} of them the passage is FAILED, else PENDING. Does
     * nothing if the owner no longer holds it, or it was deleted, and says nothing then.
     *
     * @param detail what the model wrote that was no use; null if there was nothing
     * @param hopeless whether it would fail the same way again: it is FAILED at once
     */
    @Transactional(TxType.REQUIRES_NEW)
    public Optional<EncodingState> fail(long encodingId, String owner, String error, String detail, boolean hopeless) {
        return sql.first(
                row -> EncodingState.valueOf(row.getString(1)),
                "UPDATE encoding SET attempts = attempts + 1, error = ?, detail = ?, owner = NULL, lease_until = NULL,"
                        + " state = CASE WHEN attempts + 1 >= ? THEN 'FAILED' ELSE 'PENDING' END,"
                        + " updated_at = now() WHERE id = ? AND owner = ? RETURNING state",
                bounded(error == null ? "unknown" : error, LONGEST_ERROR),
                detail == null || detail.isBlank() ? null : bounded(detail, LONGEST_DETAIL),
                hopeless ? 1 : config.encoderAttempts(),
                encodingId,
                owner);
    }

    private static String bounded(String text, int most) {
        return text.substring(0, Math.min(text.length(), most)).replace('\0', ' ');
    }

    /** Gives back all that the owner holds; returns how many. */
    @Transactional(TxType.REQUIRES_NEW)
    public int release(String owner) {
        return sql.update(
                "UPDATE encoding SET state = 'PENDING', owner = NULL, lease_until = NULL, updated_at = now()"
                        + " WHERE id IN" + OWNED,
                owner);
    }

    /** Passages by state under the model and recipe; those that have no row yet are pending. */
    public EncodingCounts counts(String model, String recipe) {
        return counts.of(model, recipe);
    }

    /** The same of some texts that have rows; it costs as much as these. */
    public EncodingCounts counts(String model, String recipe, TextSelection texts) {
        return texts.isAll() ? counts(model, recipe) : counts.of(model, recipe, texts);
    }

    /** Puts what the counts are summed from together; to be called now and then by who changes many rows. */
    public void compactCounts() {
        counts.compact();
    }

    /** The passages that were given up, the oldest first. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<FailedPassage> failures(String model, String recipe, int most) {
        return sql.query(
                row -> new FailedPassage(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getInt(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7)),
                "SELECT p.document_id, p.title, p.id, p.position, t.text, e.error, e.detail FROM encoding e"
                        + " JOIN passage_text t ON t.hash = e.text_hash"
                        + " JOIN LATERAL (SELECT p.id, p.document_id, p.position, d.title FROM passage p"
                        + " JOIN document d ON d.id = p.document_id WHERE p.text_hash = e.text_hash"
                        + " ORDER BY p.id LIMIT 1) p ON true"
                        + " WHERE e.model = ? AND e.recipe = ? AND e.state = 'FAILED' ORDER BY e.id LIMIT ?",
                model,
                recipe,
                most);
    }

    /** Makes failed passages pending again; returns how many. */
    @Transactional(TxType.REQUIRES_NEW)
    public int retryFailed(String model, String recipe) {
        return sql.update(
                "UPDATE encoding SET state = 'PENDING', earlier_attempts = earlier_attempts + attempts, attempts = 0,"
                        + " updated_at = now() WHERE id IN (SELECT id FROM encoding WHERE model = ? AND recipe = ?"
                        + " AND state = 'FAILED' ORDER BY id FOR UPDATE)",
                model,
                recipe);
    }

    /** The adapters of those of the passages that are ready under the model and recipe, by passage id. */
    public Map<String, AdapterRef> adapters(String model, String recipe, Collection<String> passageIds) {
        return adapters(model, recipe, passageIds, Principal.LOCAL);
    }

    /** The same for a caller; what the caller may not read isn't there. */
    public Map<String, AdapterRef> adapters(
            String model, String recipe, Collection<String> passageIds, Principal caller) {
        Map<String, AdapterRef> ready = new HashMap<>();
        answerSql.query(
                row -> ready.put(row.getString(1), new AdapterRef(row.getString(2), row.getString(3))),
                "SELECT p.id, a.id, a.checksum FROM passage p JOIN encoding e ON e.text_hash = p.text_hash"
                        + " JOIN adapter a ON a.id = e.adapter_id JOIN document d ON d.id = p.document_id"
                        + " WHERE e.model = ? AND e.recipe = ? AND e.state = 'READY' AND p.id = ANY (?) AND"
                        + ReadableBy.CONDITION,
                model,
                recipe,
                passageIds,
                ReadableBy.all(caller),
                ReadableBy.readers(caller));
        return ready;
    }

    /**
     * Where the passages stand under the model and recipe, by passage id; those that are gone, or that the caller may
     * not read, are not in it.
     */
    public Map<String, EncodingState> states(
            String model, String recipe, Collection<String> passageIds, Principal caller) {
        Map<String, EncodingState> states = new HashMap<>();
        answerSql.query(
                row -> states.put(row.getString(1), EncodingState.valueOf(row.getString(2))),
                "SELECT p.id, coalesce(e.state, 'PENDING') FROM passage p JOIN document d ON d.id = p.document_id"
                        + " LEFT JOIN encoding e ON e.text_hash = p.text_hash AND e.model = ? AND e.recipe = ?"
                        + " WHERE p.id = ANY (?) AND" + ReadableBy.CONDITION,
                model,
                recipe,
                passageIds,
                ReadableBy.all(caller),
                ReadableBy.readers(caller));
        return states;
    }

    /** Up to {@code most} ready adapters under the model and recipe in the order of ids, from the first after that one. */
    public List<String> adapterIds(String model, String recipe, String afterId, int most) {
        return sql.strings(
                "SELECT id FROM adapter WHERE model = ? AND recipe = ? AND id > ? ORDER BY id LIMIT ?",
                model,
                recipe,
                afterId,
                most);
    }

    /** All ready adapters under the model and recipe, oldest first; nulls mean any. */
    public List<AdapterView> list(String model, String recipe) {
        return views(
                "WHERE a.model = coalesce(?::text, a.model) AND a.recipe = coalesce(?::text, a.recipe)"
                        + " ORDER BY a.created_at, a.id",
                model,
                recipe);
    }

    /** The ready adapter of that id, or of the only id that begins so. */
    public Optional<AdapterView> find(String adapterIdOrPrefix) {
        List<AdapterView> found = views("WHERE starts_with(a.id, ?) ORDER BY a.id LIMIT 2", adapterIdOrPrefix);
        boolean unique =
                found.size() == 1 || (found.size() > 1 && found.getFirst().id().equals(adapterIdOrPrefix));
        return unique ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private List<AdapterView> views(String where, Object... parameters) {
        return new ArrayList<>(sql.query(
                row -> {
                    Timestamp created = row.getTimestamp(6);
                    return new AdapterView(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getLong(5),
                            created == null ? Instant.EPOCH : created.toInstant(),
                            row.getString(7),
                            row.getString(8),
                            row.getInt(9));
                },
                ADAPTERS + where,
                parameters));
    }

    /** The store no longer has this adapter, as an encoder has made sure: its passages are encoded again. */
    @Transactional(TxType.REQUIRES_NEW)
    public void lost(String adapterId) {
        sql.update(
                "UPDATE encoding SET state = 'PENDING', adapter_id = NULL, attempts = 0, updated_at = now()"
                        + " WHERE adapter_id = ?",
                adapterId);
        sql.update("DELETE FROM adapter WHERE id = ?", adapterId);
    }
}

package dev.prag.corpus;

import dev.prag.documents.GivenPair;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was made of texts before training, kept under a key that says how; and the pairs that people gave. Passages of
 * equal text share both.
 */
@ApplicationScoped
public class Augmentations {
    private static final String COLUMNS = "SELECT a.text_hash, t.text, a.body, a.making FROM augmentation a"
            + " JOIN passage_text t ON t.hash = a.text_hash ";

    @Inject
    Sql sql;

    @Inject
    AdapterRemoval removal;

    @Inject
    AskedTexts asked;

    /**
     * An augmentation.
     *
     * @param text of the passage
     * @param body as it was given (JSON)
     * @param making how it was made (JSON); null if that isn't known
     */
    public record Kept(String textHash, String text, String body, String making) {}

    /** The augmentation (JSON) kept for a passage text under a key. */
    public Optional<String> find(String textHash, String key) {
        return sql.first(
                row -> row.getString(1),
                "SELECT body FROM augmentation WHERE text_hash = ? AND key = ?",
                textHash,
                key);
    }

    /** All that is kept of it. */
    public Optional<Kept> read(String textHash, String key) {
        return page("WHERE a.text_hash = ? AND a.key = ?", textHash, key).stream()
                .findFirst();
    }

    /** Up to {@code most} augmentations under a key in the order of their texts' hashes, from the first after that one. */
    public List<Kept> page(String key, String afterHash, int most) {
        return page("WHERE a.key = ? AND a.text_hash > ? ORDER BY a.text_hash LIMIT ?", key, afterHash, most);
    }

    private List<Kept> page(String where, Object... parameters) {
        return sql.query(
                row -> new Kept(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
                COLUMNS + where,
                parameters);
    }

    /**
     * Keeps an augmentation; false if the passage is gone.
     *
     * @param questions of it, which its passages are found by
     * @param making how it was made (JSON); may be null
     * @param figures a JSON object of whole numbers, which are summed up under the key
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean save(
            String textHash, String key, String json, List<String> questions, String making, String figures) {
        return keep(textHash, key, json, questions, making, figures);
    }

    private boolean keep(
            String textHash, String key, String json, List<String> questions, String making, String figures) {
        // The lock keeps the text from being deleted before the augmentation refers to it.
        if (sql.strings("SELECT hash FROM passage_text WHERE hash = ? FOR KEY SHARE", textHash)
                .isEmpty()) {
            return false;
        }
        boolean asksOtherwise = !sql.strings(
                        "SELECT unnest(questions) FROM augmentation WHERE text_hash = ? AND key = ?", textHash, key)
                .equals(questions);
        sql.update(
                "INSERT INTO augmentation (text_hash, key, body, questions, making, figures, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?::jsonb, now()) ON CONFLICT (text_hash, key)"
                        + " DO UPDATE SET body = excluded.body, questions = excluded.questions,"
                        + " making = excluded.making, figures = excluded.figures",
                textHash,
                key,
                json,
                questions,
                making,
                figures);
        if (asksOtherwise) {
            asked.note(textHash);
        }
        return true;
    }

    /** Sums of the figures of all augmentations under a key, and how many {@code passages}' texts have one. */
    public Map<String, Long> figures(String key) {
        Map<String, Long> figures = new TreeMap<>();
        sql.query(
                row -> figures.put(row.getString(1), row.getLong(2)),
                "SELECT name, sum(n) FROM augmentation_count WHERE key = ? GROUP BY name HAVING sum(n) <> 0",
                key);
        return figures;
    }

    /** The pairs that people gave, by the hash of the text that they belong to, in the order of documents and pairs. */
    public Map<String, List<GivenPair>> given(Collection<String> textHashes) {
        Map<String, List<GivenPair>> given = new HashMap<>();
        sql.query(
                row -> given.computeIfAbsent(row.getString(1), hash -> new ArrayList<>())
                        .add(new GivenPair(row.getString(2), row.getString(3), row.getString(4))),
                "SELECT p.text_hash, p.question, p.answer, p.full_answer FROM document_pair p"
                        + " JOIN document d ON d.id = p.document_id WHERE p.text_hash = ANY (?) ORDER BY d.seq, p.position",
                textHashes);
        return given;
    }

    /** The passage of that id, or the only one whose id begins so; or else all passages of the document of that id. */
    public List<PassageText> passages(String idOrPrefix) {
        List<PassageText> found = passages("WHERE starts_with(p.id, ?) ORDER BY p.id LIMIT 2", idOrPrefix);
        return found.size() == 1 ? found : passages("WHERE p.document_id = ? ORDER BY p.position", idOrPrefix);
    }

    private List<PassageText> passages(String where, String id) {
        return sql.query(
                row -> new PassageText(
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6)),
                "SELECT p.id, p.document_id, p.position, d.title, t.text, p.headings FROM passage p"
                        + " JOIN document d ON d.id = p.document_id JOIN passage_text t ON t.hash = p.text_hash "
                        + where,
                id);
    }

    /** Has the index take in the questions of what was kept since the last time, as {@link AskedTexts#publish}. */
    public void publishQuestions() {
        asked.publish();
    }

    /** The text that is known by that hash; empty if no passage has it. */
    public Optional<String> text(String textHash) {
        return sql.strings("SELECT text FROM passage_text WHERE hash = ?", textHash).stream()
                .findFirst();
    }

    /** As {@link #save}; and the text is pending again under the model and recipe. Whoever is at it loses it. */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean replace(
            String textHash,
            String key,
            String json,
            List<String> questions,
            String making,
            String figures,
            String model,
            String recipe) {
        boolean there = keep(textHash, key, json, questions, making, figures);
        if (there) {
            pendAgain("text_hash = ANY (?) AND model = ? AND recipe = ?", List.of(textHash), model, recipe);
        }
        return there;
    }

    /**
     * Texts whose pairs changed are pending again everywhere, and other documents that have them are found by the pairs
     * of now; in the transaction, and within the turn, of whoever changed them.
     */
    void changed(Collection<String> textHashes) {
        asked.record(textHashes);
        pendAgain("text_hash = ANY (?)", textHashes);
    }

    /** Locks the rows of texts in the queue, in one order, as encoders lock those they hold. */
    void lock(Collection<String> textHashes) {
        sql.strings("SELECT id::text FROM encoding WHERE text_hash = ANY (?) ORDER BY id FOR UPDATE", textHashes);
    }

    private void pendAgain(String where, Object... parameters) {
        // In one order, as encoders lock those they hold.
        List<String> rows = sql.strings(
                "SELECT id::text FROM encoding WHERE " + where + " AND (state <> 'PENDING' OR attempts > 0)"
                        + " ORDER BY id FOR UPDATE",
                parameters);
        if (rows.isEmpty()) {
            return;
        }
        // One that another text has come to, too, which was the same one before readers changed, stays with that.
        List<String> adapters = sql.strings(
                "SELECT id FROM adapter a WHERE id IN (SELECT adapter_id FROM encoding WHERE id = ANY (?::bigint[]))"
                        + " AND NOT EXISTS (SELECT FROM encoding o WHERE o.adapter_id = a.id"
                        + " AND o.id <> ALL (?::bigint[]))",
                rows,
                rows);
        removal.note("deleted", "id = ANY (?)", adapters);
        sql.update(
                "UPDATE encoding SET state = 'PENDING', owner = NULL, lease_until = NULL, adapter_id = NULL, note = NULL,"
                        + " error = NULL, detail = NULL, earlier_attempts = earlier_attempts + attempts, attempts = 0,"
                        + " updated_at = now() WHERE id = ANY (?::bigint[])",
                rows);
        sql.update("DELETE FROM adapter WHERE id = ANY (?)", adapters);
    }
}

package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What hangs on texts, brought in line with the passages that have them: their rows in the queue, for each registered
 * target, and, with the last passage, the text itself. In the transaction and turn of whoever writes the corpus.
 */
@ApplicationScoped
class EncodingRows {
    static final String COLUMNS = "encoding (text_hash, model, recipe, state, seq, passages, updated_at, demand)";
    static final String DEMAND = "coalesce((SELECT d.score FROM demand d WHERE d.text_hash = t.hash), 0)";
    static final String PASSAGES = "(SELECT count(*) FROM passage p WHERE p.text_hash = t.hash)";

    /** Beside the rows of the queue. */
    private static final List<String> CARRIED = List.of("adapter", "augmentation", "document_pair");

    @Inject
    Sql sql;

    @Inject
    AdapterRemoval removal;

    /**
     * Brings them in line.
     *
     * @param texts hashes of those that passages came to have, or have no more
     * @param renamed of these, texts that passages have under another hash now, by the one they had: as their readers
     *     are others
     */
    void follow(Collection<String> texts, Map<String, String> renamed) {
        if (texts.isEmpty()) {
            return;
        }
        // In one order, as encoders lock those they hold. An encoder that is just completing one of them finishes
        // first,
        // and its adapter is seen below.
        boolean changed = !sql.strings(
                        "SELECT e.id::text FROM encoding e LEFT JOIN (SELECT text_hash, count(*) AS n FROM passage"
                                + " WHERE text_hash = ANY (?) GROUP BY text_hash) p ON p.text_hash = e.text_hash"
                                + " WHERE e.text_hash = ANY (?) AND e.passages IS DISTINCT FROM p.n"
                                + " ORDER BY e.id FOR UPDATE OF e",
                        texts,
                        texts)
                .isEmpty();
        carry(renamed);
        removeUnused(texts);
        if (changed) {
            sql.update(
                    "UPDATE encoding e SET passages = p.n FROM (SELECT text_hash, count(*) AS n FROM passage"
                            + " WHERE text_hash = ANY (?) GROUP BY text_hash) p"
                            + " WHERE e.text_hash = p.text_hash AND e.passages <> p.n",
                    texts);
        }
        sql.update(
                // The texts first and by themselves, else they are looked for in the order of all, and their passages
                // are
                // counted once for each target.
                "WITH n AS MATERIALIZED (SELECT t.hash, t.seq, " + PASSAGES + " AS passages, " + DEMAND + " AS demand"
                        + " FROM passage_text t WHERE t.hash = ANY (?))"
                        + " INSERT INTO " + COLUMNS + " SELECT n.hash, g.model, g.recipe, 'PENDING', n.seq, n.passages,"
                        + " now(), n.demand FROM n CROSS JOIN target g WHERE NOT g.removing"
                        + " ORDER BY n.seq ON CONFLICT DO NOTHING",
                texts);
    }

    /**
     * Gives what hangs on a text that no passage has any more to the same text under its other hash, unless that has
     * something of its own: nothing is encoded again.
     */
    private void carry(Map<String, String> renamed) {
        renamed.forEach((before, now) -> {
            boolean isFree = sql.strings(
                            "SELECT text_hash FROM encoding WHERE text_hash = ? UNION ALL"
                                    + " SELECT text_hash FROM augmentation WHERE text_hash = ? UNION ALL"
                                    + " SELECT text_hash FROM passage WHERE text_hash = ? LIMIT 1",
                            now,
                            now,
                            before)
                    .isEmpty();
            if (isFree) {
                sql.update(
                        "UPDATE encoding SET text_hash = t.hash, seq = t.seq FROM passage_text t"
                                + " WHERE t.hash = ? AND text_hash = ?",
                        now,
                        before);
                for (String table : CARRIED) {
                    sql.update("UPDATE " + table + " SET text_hash = ? WHERE text_hash = ?", now, before);
                }
            }
        });
    }

    /** Takes out those of the texts that no passage has any more, with all that hangs on them. */
    private void removeUnused(Collection<String> hashes) {
        List<String> unused = sql.strings(
                "SELECT hash FROM passage_text t WHERE hash = ANY (?)"
                        + " AND NOT EXISTS (SELECT FROM passage p WHERE p.text_hash = t.hash)",
                hashes);
        if (unused.isEmpty()) {
            return;
        }
        // One that was made under another hash of the same text may be another text's by now, too.
        sql.update(
                "UPDATE adapter a SET text_hash = e.text_hash FROM encoding e WHERE e.adapter_id = a.id"
                        + " AND a.text_hash = ANY (?) AND e.text_hash <> ALL (?)",
                unused,
                unused);
        removal.note("deleted", "text_hash = ANY (?)", unused);
        sql.update("DELETE FROM encoding WHERE text_hash = ANY (?)", unused);
        sql.update("DELETE FROM adapter WHERE text_hash = ANY (?)", unused);
        sql.update("DELETE FROM demand WHERE text_hash = ANY (?)", unused);
        sql.update("DELETE FROM passage_text WHERE hash = ANY (?)", unused);
    }
}

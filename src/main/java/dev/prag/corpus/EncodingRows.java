package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.List;

/**
 * What hangs on texts, brought in line with the passages that have them: their rows in the queue, for each registered
 * target, and, with the last passage, the text itself. In the transaction and turn of whoever writes the corpus.
 */
@ApplicationScoped
class EncodingRows {
    static final String COLUMNS = "encoding (text_hash, model, recipe, state, seq, passages, updated_at, demand)";
    static final String DEMAND = "coalesce((SELECT d.score FROM demand d WHERE d.text_hash = t.hash), 0)";
    static final String PASSAGES = "(SELECT count(*) FROM passage p WHERE p.text_hash = t.hash)";

    @Inject
    Sql sql;

    @Inject
    AdapterRemoval removal;

    /** @param texts hashes of those that passages came to have, or have no more */
    void follow(Collection<String> texts) {
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
        removeUnused(texts);
        if (changed) {
            sql.update(
                    "UPDATE encoding e SET passages = p.n FROM (SELECT text_hash, count(*) AS n FROM passage"
                            + " WHERE text_hash = ANY (?) GROUP BY text_hash) p"
                            + " WHERE e.text_hash = p.text_hash AND e.passages <> p.n",
                    texts);
        }
        sql.update(
                "INSERT INTO " + COLUMNS + " SELECT t.hash, g.model, g.recipe, 'PENDING', t.seq, " + PASSAGES
                        + ", now(), " + DEMAND
                        + " FROM passage_text t CROSS JOIN target g WHERE t.hash = ANY (?) AND NOT g.removing"
                        + " ORDER BY t.seq ON CONFLICT DO NOTHING",
                texts);
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
        removal.note("deleted", "text_hash = ANY (?)", unused);
        sql.update("DELETE FROM encoding WHERE text_hash = ANY (?)", unused);
        sql.update("DELETE FROM adapter WHERE text_hash = ANY (?)", unused);
        sql.update("DELETE FROM demand WHERE text_hash = ANY (?)", unused);
        sql.update("DELETE FROM passage_text WHERE hash = ANY (?)", unused);
    }
}

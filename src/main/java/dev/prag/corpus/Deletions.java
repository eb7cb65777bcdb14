package dev.prag.corpus;

import dev.prag.access.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The receipts of deletions, and what a deletion leaves of adapters and rows. */
@ApplicationScoped
public class Deletions {
    /** After so long, what encoders made of texts that were deleted is deleted, too: when it was stored for nobody. */
    public static final Duration ENCODERS = AdapterRemoval.IN_FLIGHT.plusMinutes(1);

    /** Texts of a document that no document has but those that are deleted with it. */
    private static final String TEXTS = "ARRAY(SELECT DISTINCT p.text_hash FROM passage p WHERE p.document_id = d.id"
            + " AND NOT EXISTS (SELECT FROM passage o WHERE o.text_hash = p.text_hash AND o.document_id <> ALL (?)))";

    @Inject
    Sql sql;

    @Inject
    AdapterRemoval removal;

    /** Notes that documents are about to be deleted, in the transaction that deletes them. */
    void note(Collection<String> documentIds, Principal by) {
        sql.update(
                "INSERT INTO deletion (id, document_hash, content_hash, passages, texts, adapters, under_way, deleted_by,"
                        + " deleted_at) SELECT gen_random_uuid()::text, encode(sha256(convert_to(n.id, 'UTF8')), 'hex'),"
                        + " n.content_hash, ARRAY(SELECT p.id FROM passage p WHERE p.document_id = n.id), n.texts,"
                        + " ARRAY(SELECT a.id FROM adapter a WHERE a.text_hash = ANY (n.texts)),"
                        + " (SELECT count(*) FROM encoding e WHERE e.text_hash = ANY (n.texts) AND e.state = 'LEASED'),"
                        + " ?, now() FROM (SELECT d.id, d.content_hash, " + TEXTS + " AS texts FROM document d"
                        + " WHERE d.id = ANY (?)) n",
                by.name(),
                documentIds,
                documentIds);
    }

    /** The receipt of that id. */
    public Optional<Deletion> find(String id) {
        return sql.first(Deletions::row, "SELECT * FROM deletion WHERE id = ?", id);
    }

    /** The last receipt for a document of that id. */
    public Optional<Deletion> ofDocument(String documentId) {
        return sql.first(
                Deletions::row,
                "SELECT * FROM deletion WHERE document_hash = encode(sha256(convert_to(?, 'UTF8')), 'hex')"
                        + " ORDER BY deleted_at DESC LIMIT 1",
                documentId);
    }

    /** Has the adapters that nobody needs any more go from the store at once, whoever may be about to read them. */
    public void removeNow(Deletion deletion) {
        sql.update(
                "UPDATE adapter_removal SET not_before = now() WHERE adapter_id = ANY (?)"
                        + " AND adapter_id NOT IN (SELECT id FROM adapter)",
                deletion.adapters());
        removal.run();
    }

    /** Those of its adapters that no other text has come to since. */
    public List<String> unused(Deletion deletion) {
        return sql.strings(
                "SELECT i FROM unnest(?) AS n (i) WHERE NOT EXISTS (SELECT FROM adapter a WHERE a.id = n.i)",
                deletion.adapters());
    }

    /** Those of its passages that are not in the corpus again. */
    public List<String> goneOf(Deletion deletion) {
        return sql.strings(
                "SELECT i FROM unnest(?) AS n (i) WHERE NOT EXISTS (SELECT FROM passage p WHERE p.id = n.i)",
                deletion.passages());
    }

    /** How many rows are left that hang on its texts, where no passage has these again. */
    public long rowsLeft(Deletion deletion) {
        String unused = " WHERE h = ANY (?) AND NOT EXISTS (SELECT FROM passage p WHERE p.text_hash = h)";
        return sql.number(
                "SELECT (SELECT count(*) FROM (SELECT hash AS h FROM passage_text UNION ALL"
                        + " SELECT text_hash FROM augmentation UNION ALL SELECT text_hash FROM encoding UNION ALL"
                        + " SELECT text_hash FROM adapter UNION ALL SELECT text_hash FROM document_pair) n" + unused
                        + ")",
                deletion.texts());
    }

    /** Keeps what was looked at, and, where nothing is left, that this is so. */
    public void verified(String id, String checks, boolean isComplete) {
        sql.update(
                "UPDATE deletion SET checks = ?, verified_at = CASE WHEN ? THEN now() END WHERE id = ?",
                checks,
                isComplete,
                id);
    }

    private static Deletion row(ResultSet row) throws SQLException {
        Timestamp verified = row.getTimestamp("verified_at");
        return new Deletion(
                row.getString("id"),
                row.getString("document_hash"),
                row.getString("content_hash"),
                Sql.strings(row.getArray("passages")),
                Sql.strings(row.getArray("texts")),
                Sql.strings(row.getArray("adapters")),
                row.getInt("under_way"),
                row.getString("deleted_by"),
                row.getTimestamp("deleted_at").toInstant(),
                row.getString("checks"),
                verified == null ? null : verified.toInstant());
    }
}

package dev.prag.corpus;

import dev.prag.access.Principal;
import dev.prag.documents.DocumentMetadata;
import dev.prag.documents.GivenPair;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Looks a passage up for a caller, to whom those that the caller may not read don't exist. */
@ApplicationScoped
public class PassageLookup {
    @Inject
    Sql sql;

    /** The passage of that id. */
    public Optional<PassageDetails> find(String passageId, Principal caller, String model, String recipe) {
        return sql.first(
                        PassageLookup::row,
                        "SELECT p.id, p.document_id, d.title, d.metadata::text, p.position, p.headings, t.text, p.page,"
                                + " p.text_hash, coalesce(e.state, 'PENDING'), a.id, a.checksum, a.bytes, a.created_at,"
                                + " m.own, m.other, m.none, m.neutral, m.trainings, m.learning_rate, e.note, e.error, m.strength"
                                + " FROM passage p JOIN document d ON d.id = p.document_id"
                                + " JOIN passage_text t ON t.hash = p.text_hash LEFT JOIN encoding e"
                                + " ON e.text_hash = p.text_hash AND e.model = ? AND e.recipe = ?"
                                + " LEFT JOIN adapter a ON a.id = e.adapter_id"
                                + " LEFT JOIN adapter_measure m ON m.encoding_id = e.id"
                                + " WHERE p.id = ? AND" + ReadableBy.CONDITION,
                        model,
                        recipe,
                        passageId,
                        ReadableBy.all(caller),
                        ReadableBy.readers(caller))
                .map(passage -> with(passage, given(passage.textHash(), caller)));
    }

    private List<GivenPair> given(String textHash, Principal caller) {
        return sql.query(
                row -> new GivenPair(row.getString(1), row.getString(2), row.getString(3)),
                "SELECT g.question, g.answer, g.full_answer FROM document_pair g JOIN document d ON d.id = g.document_id"
                        + " WHERE g.text_hash = ? AND" + ReadableBy.CONDITION + "ORDER BY d.seq, g.position",
                textHash,
                ReadableBy.all(caller),
                ReadableBy.readers(caller));
    }

    private static PassageDetails row(ResultSet row) throws SQLException {
        PassageDetails.ItsAdapter adapter = row.getString(11) == null
                ? null
                : new PassageDetails.ItsAdapter(
                        row.getString(11),
                        row.getString(12),
                        row.getLong(13),
                        row.getTimestamp(14).toInstant(),
                        measure(row));
        return new PassageDetails(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                DocumentMetadata.parse(row.getString(4)),
                row.getInt(5),
                row.getString(6),
                row.getString(7),
                row.getObject(8, Integer.class),
                row.getString(9),
                EncodingState.valueOf(row.getString(10)),
                adapter,
                row.getString(21),
                row.getString(22),
                List.of());
    }

    private static AdapterMeasure measure(ResultSet row) throws SQLException {
        return row.getObject(15) == null
                ? null
                : new AdapterMeasure(
                        row.getDouble(15),
                        row.getObject(16, Double.class),
                        row.getDouble(17),
                        row.getDouble(18),
                        row.getInt(19),
                        row.getDouble(20),
                        row.getDouble(23));
    }

    private static PassageDetails with(PassageDetails passage, List<GivenPair> given) {
        return new PassageDetails(
                passage.id(),
                passage.document(),
                passage.title(),
                passage.metadata(),
                passage.position(),
                passage.headings(),
                passage.text(),
                passage.page(),
                passage.textHash(),
                passage.state(),
                passage.adapter(),
                passage.note(),
                passage.error(),
                given);
    }
}

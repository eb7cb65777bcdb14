package dev.prag.corpus;

import dev.prag.access.Principal;
import dev.prag.corpus.DocumentQuery.Place;
import dev.prag.documents.DocumentMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lists documents that a caller may read, the newest first. A page costs what its documents do, however many there are:
 * it is found through indexes, and where none serves (a state that many passages are in) no more than {@value #WALK}
 * documents are looked at for it.
 */
@ApplicationScoped
public class DocumentListing {
    /** Documents, or passages, that a page filtered by state looks at. */
    private static final int WALK = 10_000;

    private static final String TITLE =
            " AND to_tsvector('simple', regexp_replace(coalesce(d.title, ''), '[[:punct:]]+', ' ', 'g'))"
                    + " @@ to_tsquery('simple', ?)";

    private static final String NEWEST = " ORDER BY d.created_at DESC, d.id DESC LIMIT ";

    private static final String COLUMNS =
            "SELECT d.id, d.title, d.source, d.metadata::text, d.readers, d.created_at, d.updated_at FROM ";

    private static final String IN_STATE = "EXISTS (SELECT FROM passage p LEFT JOIN encoding e"
            + " ON e.text_hash = p.text_hash AND e.model = ? AND e.recipe = ?"
            + " WHERE p.document_id = d.id AND coalesce(e.state, 'PENDING') = ?)";

    @Inject
    Sql sql;

    @Inject
    Counts counts;

    /** A part of a statement with what its question marks stand for. */
    private record Part(String text, List<Object> parameters) {}

    /** What a state is under. */
    private record Under(String model, String recipe, EncodingState state) {}

    /** A page, with the states under the model and recipe. */
    public DocumentPage list(DocumentQuery query, Principal caller, String model, String recipe) {
        Part which = which(query, caller);
        List<DocumentPage.Row> rows;
        Place end = null;
        if (query.state() == null) {
            rows = rows("document d WHERE" + which.text() + NEWEST + (query.limit() + 1), which.parameters());
        } else {
            Under under = new Under(model, recipe, query.state());
            if (isRare(under)) {
                rows = rare(which, under, query.limit() + 1);
            } else {
                rows = walked(which, under, query.limit() + 1);
                end = rows.size() > query.limit() ? null : endOfWalk(which).orElse(null);
            }
        }
        if (rows.size() > query.limit()) {
            rows = rows.subList(0, query.limit());
            end = new Place(rows.getLast().createdAt(), rows.getLast().id());
        }
        Long total = query.isFiltered() || !caller.readsAll() ? null : Long.valueOf(counts.documents());
        return new DocumentPage(withStates(rows, model, recipe), end == null ? null : end.cursor(), total);
    }

    private static Part which(DocumentQuery query, Principal caller) {
        StringBuilder text = new StringBuilder(ReadableBy.CONDITION);
        List<Object> parameters = new ArrayList<>(List.of(ReadableBy.all(caller), ReadableBy.readers(caller)));
        query.place().ifPresent(place -> {
            text.append(" AND (d.created_at, d.id) < (?::timestamptz, ?)");
            parameters.addAll(List.of(place.createdAt().toString(), place.id()));
        });
        if (query.title() != null) {
            text.append(TITLE);
            parameters.add(query.titleTerms());
        }
        if (query.filter() != null) {
            MetadataFilter filter = MetadataFilter.of(query.filter());
            text.append(filter.condition());
            parameters.addAll(filter.parameters());
        }
        return new Part(text.toString(), parameters);
    }

    /** Whether few passages are in the state, and an index has them; those that are pending without a row it hasn't. */
    private boolean isRare(Under under) {
        boolean hasRows = under.state() != EncodingState.PENDING;
        return under.state() != EncodingState.READY
                && sql.query(
                                row -> row.getLong(1) <= WALK && (hasRows || row.getLong(2) == 0),
                                "SELECT coalesce(sum(passages) FILTER (WHERE state = ?), 0),"
                                        + " (SELECT coalesce(sum(passages), 0) FROM corpus_count)"
                                        + " - coalesce(sum(passages), 0)"
                                        + " FROM encoding_count WHERE model = ? AND recipe = ?",
                                under.state().name(),
                                under.model(),
                                under.recipe())
                        .getFirst();
    }

    private List<DocumentPage.Row> rare(Part which, Under under, int most) {
        List<Object> parameters = new ArrayList<>(which.parameters());
        parameters.addAll(List.of(under.model(), under.recipe()));
        // The state stands in the statement: the indexes are of one each.
        return rows(
                "document d WHERE" + which.text()
                        + " AND d.id IN (SELECT p.document_id FROM encoding e JOIN passage p ON p.text_hash = e.text_hash"
                        + " WHERE e.model = ? AND e.recipe = ? AND e.state = '" + under.state() + "')" + NEWEST + most,
                parameters);
    }

    private List<DocumentPage.Row> walked(Part which, Under under, int most) {
        List<Object> parameters = new ArrayList<>(which.parameters());
        parameters.addAll(List.of(under.model(), under.recipe(), under.state().name()));
        return rows(
                "(SELECT * FROM document d WHERE" + which.text() + NEWEST + WALK + ") d WHERE " + IN_STATE + NEWEST
                        + most,
                parameters);
    }

    /** The last document that is looked at for a page; empty where that is the last of all. */
    private Optional<Place> endOfWalk(Part which) {
        return sql.first(
                row -> new Place(row.getTimestamp(1).toInstant(), row.getString(2)),
                "SELECT d.created_at, d.id FROM document d WHERE" + which.text() + NEWEST + "1 OFFSET " + (WALK - 1),
                which.parameters().toArray());
    }

    private List<DocumentPage.Row> rows(String from, List<Object> parameters) {
        return sql.query(DocumentListing::row, COLUMNS + from, parameters.toArray());
    }

    private static DocumentPage.Row row(ResultSet row) throws SQLException {
        Array readers = row.getArray(5);
        return new DocumentPage.Row(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                DocumentMetadata.parse(row.getString(4)),
                List.of((String[]) readers.getArray()),
                row.getTimestamp(6).toInstant(),
                row.getTimestamp(7).toInstant(),
                0,
                Map.of());
    }

    /** How many passages of documents are in each state; those that none is in are left out. */
    public Map<EncodingState, Long> states(List<String> documentIds, String model, String recipe) {
        Map<EncodingState, Long> all = new EnumMap<>(EncodingState.class);
        byDocument(documentIds, model, recipe)
                .values()
                .forEach(its -> its.forEach((state, count) -> all.merge(state, count, Long::sum)));
        return all;
    }

    private Map<String, Map<EncodingState, Long>> byDocument(List<String> documentIds, String model, String recipe) {
        Map<String, Map<EncodingState, Long>> states = new HashMap<>();
        sql.query(
                row -> states.computeIfAbsent(row.getString(1), id -> new EnumMap<>(EncodingState.class))
                        .put(EncodingState.valueOf(row.getString(2)), row.getLong(3)),
                "SELECT p.document_id, coalesce(e.state, 'PENDING'), count(*) FROM passage p LEFT JOIN encoding e"
                        + " ON e.text_hash = p.text_hash AND e.model = ? AND e.recipe = ?"
                        + " WHERE p.document_id = ANY (?) GROUP BY 1, 2",
                model,
                recipe,
                documentIds);
        return states;
    }

    private List<DocumentPage.Row> withStates(List<DocumentPage.Row> rows, String model, String recipe) {
        Map<String, Map<EncodingState, Long>> states =
                byDocument(rows.stream().map(DocumentPage.Row::id).toList(), model, recipe);
        return rows.stream()
                .map(row -> {
                    Map<EncodingState, Long> its = states.getOrDefault(row.id(), Map.of());
                    long passages =
                            its.values().stream().mapToLong(Long::longValue).sum();
                    return new DocumentPage.Row(
                            row.id(),
                            row.title(),
                            row.source(),
                            row.metadata(),
                            row.readers(),
                            row.createdAt(),
                            row.updatedAt(),
                            passages,
                            its);
                })
                .toList();
    }
}

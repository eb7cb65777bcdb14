package dev.prag.corpus;

import dev.prag.documents.DocumentDraft.Piece;
import dev.prag.documents.GivenPair;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pairs that people gave with documents, in the transaction of whoever writes the corpus. A change of the pairs of a
 * text makes it pending again under every model and recipe.
 */
@ApplicationScoped
class DocumentPairs {
    @Inject
    Sql sql;

    @Inject
    Augmentations augmentations;

    /** A pair where it belongs. */
    private record Placed(String document, int position, String textHash, GivenPair pair) {}

    /**
     * To be called before the passages of documents are written: where pairs may change, all rows of the queue that the
     * writer will touch are locked at once, in the order in which encoders lock theirs.
     *
     * @param pairs that the documents are to have; {@code pieces} the passages
     */
    void lock(Map<String, List<GivenPair>> pairs, Map<String, List<Piece>> pieces) {
        boolean involved = pairs.values().stream().anyMatch(list -> !list.isEmpty())
                || !read(pairs.keySet()).isEmpty();
        if (involved) {
            Set<String> texts = texts(pairs.keySet());
            pieces.values().forEach(list -> list.forEach(piece -> texts.add(piece.textHash())));
            augmentations.lock(texts);
        }
    }

    private Set<String> texts(Collection<String> documents) {
        return new HashSet<>(
                sql.strings("SELECT DISTINCT text_hash FROM passage WHERE document_id = ANY (?)", documents));
    }

    /** Gives documents these pairs in place of what they have; {@code pieces} are their passages. */
    void write(Map<String, List<GivenPair>> pairs, Map<String, List<Piece>> pieces) {
        Map<String, List<Placed>> before = read(pairs.keySet());
        List<Placed> placed = new ArrayList<>();
        pairs.forEach((document, list) -> {
            if (list.isEmpty()) {
                return;
            }
            PairPlaces places = new PairPlaces(
                    pieces.get(document).stream().map(Piece::text).toList());
            for (int i = 0; i < list.size(); i++) {
                GivenPair pair = list.get(i);
                int piece = places.best(pair);
                placed.add(
                        new Placed(document, i, pieces.get(document).get(piece).textHash(), pair));
            }
        });
        if (before.isEmpty() && placed.isEmpty()) {
            return;
        }
        sql.update("DELETE FROM document_pair WHERE document_id = ANY (?)", pairs.keySet());
        if (!placed.isEmpty()) {
            sql.update(
                    "INSERT INTO document_pair (document_id, position, text_hash, question, answer, full_answer)"
                            + " SELECT d, p::integer, h, q, a, f FROM unnest(?, ?, ?, ?, ?, ?) AS n (d, p, h, q, a, f)",
                    placed.stream().map(Placed::document).toList(),
                    placed.stream().map(row -> Integer.toString(row.position())).toList(),
                    placed.stream().map(Placed::textHash).toList(),
                    placed.stream().map(row -> row.pair().question()).toList(),
                    placed.stream().map(row -> row.pair().answer()).toList(),
                    placed.stream().map(row -> row.pair().sentence()).toList());
        }
        augmentations.changed(changed(before, placed));
    }

    /** The pairs of documents, by document, those without any left out. */
    Map<String, List<GivenPair>> of(Collection<String> documents) {
        Map<String, List<GivenPair>> pairs = new HashMap<>();
        read(documents)
                .forEach((document, rows) ->
                        pairs.put(document, rows.stream().map(Placed::pair).toList()));
        return pairs;
    }

    /** To be called before documents are deleted: texts that other documents have, too, lose pairs. */
    void beforeDeleting(Collection<String> documents) {
        Set<String> texts = new HashSet<>();
        read(documents).values().forEach(rows -> rows.forEach(row -> texts.add(row.textHash())));
        if (!texts.isEmpty()) {
            augmentations.lock(texts(documents));
            sql.update("DELETE FROM document_pair WHERE document_id = ANY (?)", documents);
            augmentations.changed(texts);
        }
    }

    private Map<String, List<Placed>> read(Collection<String> documents) {
        Map<String, List<Placed>> rows = new HashMap<>();
        sql.query(
                row -> rows.computeIfAbsent(row.getString(1), document -> new ArrayList<>())
                        .add(new Placed(
                                row.getString(1),
                                row.getInt(2),
                                row.getString(3),
                                new GivenPair(row.getString(4), row.getString(5), row.getString(6)))),
                "SELECT document_id, position, text_hash, question, answer, full_answer FROM document_pair"
                        + " WHERE document_id = ANY (?) ORDER BY document_id, position",
                documents);
        return rows;
    }

    /** Texts whose pairs are others now. */
    private static Set<String> changed(Map<String, List<Placed>> before, List<Placed> after) {
        Map<String, List<List<String>>> old = new HashMap<>();
        before.values().forEach(rows -> rows.forEach(row -> add(old, row)));
        Map<String, List<List<String>>> now = new HashMap<>();
        after.forEach(row -> add(now, row));
        Set<String> texts = new HashSet<>(old.keySet());
        texts.addAll(now.keySet());
        texts.removeIf(text -> old.getOrDefault(text, List.of()).equals(now.getOrDefault(text, List.of())));
        return texts;
    }

    private static void add(Map<String, List<List<String>>> byText, Placed row) {
        byText.computeIfAbsent(row.textHash(), text -> new ArrayList<>())
                .add(List.of(
                        row.document(),
                        row.pair().question(),
                        row.pair().answer(),
                        row.pair().sentence()));
    }
}

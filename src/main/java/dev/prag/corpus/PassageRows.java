package dev.prag.corpus;

import dev.prag.documents.DocumentDraft.Piece;
import dev.prag.documents.PassageSplitter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The rows of passages and of their texts, written in the transaction of whoever writes the corpus. */
@ApplicationScoped
class PassageRows {
    /** Characters that are handed to the database at once. */
    private static final int BATCH = 8 << 20;

    @Inject
    Sql sql;

    @Inject
    EncodingRows encodings;

    /** A passage as it is in the database. */
    private record Row(String id, String document, int position, String textHash, String headings, Integer page) {}

    /**
     * Keeps the whole texts of documents, by id, under the version of the splitter that cuts them now.
     *
     * @param pages where in the texts pages begin, by id
     */
    void keepDocuments(Map<String, String> texts, Map<String, List<Integer>> pages) {
        inBatches(
                texts,
                batch -> sql.update(
                        "INSERT INTO document_text (document_id, text, splitter, pages) SELECT i, t, ?, p::integer[]"
                                + " FROM unnest(?, ?, ?) AS n (i, t, p) ON CONFLICT (document_id)"
                                + " DO UPDATE SET text = excluded.text, splitter = excluded.splitter,"
                                + " pages = excluded.pages",
                        PassageSplitter.VERSION,
                        batch.keySet(),
                        batch.values(),
                        column(batch.keySet(), id -> array(pages.getOrDefault(id, List.of())))));
    }

    /** Notes that documents are a passage each; their texts are those of their passages, and not kept twice. */
    void keepWhole(Collection<String> documents) {
        if (!documents.isEmpty()) {
            sql.update(
                    "INSERT INTO document_text (document_id, text, splitter) SELECT i, '', ? FROM unnest(?) AS n (i)"
                            + " ON CONFLICT (document_id) DO UPDATE SET text = '', splitter = excluded.splitter,"
                            + " pages = NULL",
                    PassageSplitter.WHOLE,
                    documents);
        }
    }

    /** Numbers as PostgreSQL reads an array of them; null if there are none. */
    private static String array(List<Integer> numbers) {
        return numbers.isEmpty()
                ? null
                : numbers.stream().map(Object::toString).collect(Collectors.joining(",", "{", "}"));
    }

    /** A column of values that may be null. */
    private static <T> List<String> column(Collection<T> rows, Function<T, String> value) {
        return rows.stream().map(value).collect(Collectors.toCollection(ArrayList::new));
    }

    /**
     * Gives documents these passages in place of what they have.
     *
     * @param pieces by document
     * @param there the documents that may have passages
     * @return the documents whose passages are others than before
     */
    Set<String> write(Map<String, List<Piece>> pieces, Set<String> there) {
        keepTexts(pieces.values());
        Map<String, Row> old = new HashMap<>();
        if (!there.isEmpty()) {
            sql.query(
                            row -> new Row(
                                    row.getString(1),
                                    row.getString(2),
                                    row.getInt(3),
                                    row.getString(4),
                                    row.getString(5),
                                    row.getObject(6, Integer.class)),
                            "SELECT id, document_id, position, text_hash, headings, page FROM passage"
                                    + " WHERE document_id = ANY (?)",
                            there)
                    .forEach(row -> old.put(row.id(), row));
        }
        Set<String> changed = new HashSet<>();
        Set<String> texts = new LinkedHashSet<>();
        List<Row> added = new ArrayList<>();
        List<Row> moved = new ArrayList<>();
        Map<String, String> renamed = new LinkedHashMap<>();
        pieces.forEach((document, list) -> {
            for (int i = 0; i < list.size(); i++) {
                Piece piece = list.get(i);
                Row row = new Row(piece.passageId(), document, i, piece.textHash(), piece.headings(), piece.page());
                Row before = old.remove(row.id());
                if (before == null) {
                    added.add(row);
                    texts.add(row.textHash());
                } else if (!row.equals(before)) {
                    moved.add(row);
                }
                if (before != null && !row.textHash().equals(before.textHash())) {
                    texts.add(before.textHash());
                    texts.add(row.textHash());
                    renamed.put(before.textHash(), row.textHash());
                }
                if (before == null || !row.headings().equals(before.headings())) {
                    changed.add(document);
                }
            }
        });
        old.values().forEach(row -> {
            texts.add(row.textHash());
            changed.add(row.document());
        });
        delete(old.keySet());
        insert(added);
        update(moved);
        encodings.follow(texts, renamed);
        return changed;
    }

    /** Takes out all passages of documents. */
    void deleteAllOf(Collection<String> documents) {
        List<String> texts =
                sql.strings("SELECT DISTINCT text_hash FROM passage WHERE document_id = ANY (?)", documents);
        sql.update("DELETE FROM passage WHERE document_id = ANY (?)", documents);
        encodings.follow(texts, Map.of());
    }

    private void delete(Collection<String> ids) {
        if (!ids.isEmpty()) {
            sql.update("DELETE FROM passage WHERE id = ANY (?)", ids);
        }
    }

    private void insert(List<Row> rows) {
        if (!rows.isEmpty()) {
            sql.update(
                    "INSERT INTO passage (id, document_id, position, text_hash, headings, page)"
                            + " SELECT i, d, p::integer, t, h, g::integer"
                            + " FROM unnest(?, ?, ?, ?, ?, ?) AS n (i, d, p, t, h, g)",
                    rows.stream().map(Row::id).toList(),
                    rows.stream().map(Row::document).toList(),
                    rows.stream().map(row -> Integer.toString(row.position())).toList(),
                    rows.stream().map(Row::textHash).toList(),
                    rows.stream().map(Row::headings).toList(),
                    column(rows, PassageRows::page));
        }
    }

    private void update(List<Row> rows) {
        if (!rows.isEmpty()) {
            sql.update(
                    "UPDATE passage SET position = p::integer, text_hash = t, headings = h, page = g::integer"
                            + " FROM unnest(?, ?, ?, ?, ?) AS n (i, p, t, h, g) WHERE id = i",
                    rows.stream().map(Row::id).toList(),
                    rows.stream().map(row -> Integer.toString(row.position())).toList(),
                    rows.stream().map(Row::textHash).toList(),
                    rows.stream().map(Row::headings).toList(),
                    column(rows, PassageRows::page));
        }
    }

    private static String page(Row row) {
        return row.page() == null ? null : row.page().toString();
    }

    /** In their order, which is that in which they are encoded. */
    private void keepTexts(Collection<List<Piece>> pieces) {
        Map<String, String> texts = new LinkedHashMap<>();
        pieces.forEach(list -> list.forEach(piece -> texts.putIfAbsent(piece.textHash(), piece.text())));
        inBatches(
                texts,
                batch -> sql.update(
                        "INSERT INTO passage_text (hash, text) SELECT h, t FROM unnest(?, ?) WITH ORDINALITY AS n (h, t, i)"
                                + " ORDER BY i ON CONFLICT DO NOTHING",
                        batch.keySet(),
                        batch.values()));
    }

    private static void inBatches(Map<String, String> texts, Consumer<Map<String, String>> write) {
        Map<String, String> batch = new LinkedHashMap<>();
        int size = 0;
        for (Map.Entry<String, String> text : texts.entrySet()) {
            if (size > 0 && size + text.getValue().length() > BATCH) {
                write.accept(batch);
                batch = new LinkedHashMap<>();
                size = 0;
            }
            batch.put(text.getKey(), text.getValue());
            size += text.getValue().length();
        }
        if (!batch.isEmpty()) {
            write.accept(batch);
        }
    }
}

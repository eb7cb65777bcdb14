package dev.prag.corpus;

import dev.prag.corpus.DocumentDraft.Piece;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The rows of passages and of their texts, written in the transaction of whoever writes the corpus. */
@ApplicationScoped
class PassageRows {
    /** Characters that are handed to the database at once. */
    private static final int BATCH = 8 << 20;

    @Inject
    Sql sql;

    @Inject
    EntityManager entities;

    /**
     * What was written.
     *
     * @param passages those that came, changed or went
     * @param documents those whose passages are others than before
     */
    record Written(List<String> passages, Set<String> documents) {}

    /** Keeps the whole texts of documents, by id, under the version of the splitter that cuts them now. */
    void keepDocuments(Map<String, String> texts) {
        inBatches(
                texts,
                batch -> sql.update(
                        "INSERT INTO document_text (document_id, text, splitter) SELECT i, t, ?"
                                + " FROM unnest(?, ?) AS n (i, t) ON CONFLICT (document_id)"
                                + " DO UPDATE SET text = excluded.text, splitter = excluded.splitter",
                        PassageSplitter.VERSION,
                        batch.keySet(),
                        batch.values()));
    }

    /**
     * Gives documents these passages in place of what they have.
     *
     * @param pieces by document
     * @param there the documents that may have passages
     * @param retitled those whose passages change by their title alone
     */
    Written write(Map<String, List<Piece>> pieces, Set<String> there, Set<String> retitled) {
        keepTexts(pieces.values());
        Map<String, Passage> old = new HashMap<>();
        for (String document : there) {
            Passage.<Passage>list("documentId", document).forEach(passage -> old.put(passage.id, passage));
        }
        List<String> touched = new ArrayList<>();
        Set<String> changed = new HashSet<>();
        pieces.forEach((document, list) -> {
            for (int i = 0; i < list.size(); i++) {
                Piece piece = list.get(i);
                Passage passage = old.remove(piece.passageId());
                boolean added = passage == null;
                if (added) {
                    passage = new Passage();
                    passage.id = piece.passageId();
                    passage.documentId = document;
                    passage.textHash = piece.textHash();
                }
                boolean differs = added || !piece.headings().equals(passage.headings);
                passage.position = i;
                passage.headings = piece.headings();
                if (added) {
                    passage.persist();
                }
                if (differs) {
                    changed.add(document);
                }
                if (differs || retitled.contains(document)) {
                    touched.add(passage.id);
                }
            }
        });
        if (!old.isEmpty()) {
            Set<String> texts = new LinkedHashSet<>();
            old.values().forEach(passage -> {
                texts.add(passage.textHash);
                changed.add(passage.documentId);
            });
            entities.flush();
            sql.update("DELETE FROM passage WHERE id = ANY (?)", old.keySet());
            removeTexts(texts);
            touched.addAll(old.keySet());
        }
        entities.flush();
        return new Written(touched, changed);
    }

    private void keepTexts(Collection<List<Piece>> pieces) {
        // In the order of hashes, so that two writers can't wait for each other.
        Map<String, String> texts = new TreeMap<>();
        pieces.forEach(list -> list.forEach(piece -> texts.put(piece.textHash(), piece.text())));
        inBatches(
                texts,
                batch -> sql.update(
                        "INSERT INTO passage_text (hash, text) SELECT * FROM unnest(?, ?) ON CONFLICT DO NOTHING",
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

    /** Takes out those of the texts that no passage has any more, with all that hangs on them. */
    void removeTexts(Collection<String> hashes) {
        List<String> unused = sql.strings(
                "SELECT hash FROM passage_text t WHERE hash = ANY (?)"
                        + " AND NOT EXISTS (SELECT FROM passage p WHERE p.text_hash = t.hash)",
                hashes);
        if (unused.isEmpty()) {
            return;
        }
        // An encoder that is just completing one of them finishes first, and its adapter is seen below.
        sql.strings("SELECT id::text FROM encoding WHERE text_hash = ANY (?) ORDER BY id FOR UPDATE", unused);
        sql.update(
                "INSERT INTO adapter_removal SELECT id, now() FROM adapter WHERE text_hash = ANY (?)"
                        + " ON CONFLICT DO NOTHING",
                unused);
        sql.update("DELETE FROM passage_text WHERE hash = ANY (?)", unused);
    }
}

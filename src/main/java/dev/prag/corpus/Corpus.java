package dev.prag.corpus;

import dev.prag.base.UserException;
import dev.prag.corpus.DocumentDraft.Piece;
import dev.prag.corpus.Ingested.Outcome;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The documents and their passages. Writers take turns. Each call is a transaction of its own; what follows from a
 * change (index entries, adapter files) is done once it is committed.
 */
@ApplicationScoped
public class Corpus {
    private static final String PASSAGE_TEXTS = "SELECT p.id, p.document_id, p.position, d.title, t.text FROM passage p"
            + " JOIN document d ON d.id = p.document_id JOIN passage_text t ON t.hash = p.text_hash ";

    @Inject
    Sql sql;

    @Inject
    Writers writers;

    @Inject
    EntityManager entities;

    @Inject
    CorpusConfig config;

    @Inject
    AdapterRemoval removal;

    @Inject
    Event<CorpusChange> changes;

    /**
     * Adds or replaces documents, all or none.
     *
     * @return one for each document, in their order
     * @throws UserException naming the document that is empty, too large, or given twice with different content
     */
    public List<Ingested> ingest(List<DocumentInput> documents) {
        List<DocumentDraft> drafts = new ArrayList<>(documents.size());
        Map<String, DocumentDraft> byId = new LinkedHashMap<>();
        for (DocumentInput input : documents) {
            DocumentDraft draft = DocumentDraft.of(input, config.maxDocumentBytes());
            DocumentDraft twin = byId.putIfAbsent(draft.id(), draft);
            if (twin != null && !twin.contentHash().equals(draft.contentHash())) {
                throw new UserException("document " + draft.id()
                        + " is given twice with different content; give each document an id of its own");
            }
            drafts.add(draft);
        }
        if (drafts.isEmpty()) {
            return List.of();
        }
        Writing writing = writers.write(() -> write(byId));
        publish(writing.touched());
        Set<String> told = new LinkedHashSet<>();
        return drafts.stream()
                .map(draft -> new Ingested(
                        draft.id(),
                        told.add(draft.id()) ? writing.outcomes().get(draft.id()) : Outcome.UNCHANGED,
                        draft.pieces().stream().map(Piece::passageId).toList()))
                .toList();
    }

    private record Writing(Map<String, Outcome> outcomes, List<String> touched) {}

    private Writing write(Map<String, DocumentDraft> drafts) {
        Map<String, String> there = new HashMap<>();
        sql.query(
                row -> there.put(row.getString(1), row.getString(2)),
                "SELECT id, content_hash FROM document WHERE id = ANY (?)",
                drafts.keySet());
        Map<String, Outcome> outcomes = new HashMap<>();
        List<DocumentDraft> changed = new ArrayList<>();
        Set<String> retitled = new LinkedHashSet<>();
        Instant now = Instant.now();
        for (DocumentDraft draft : drafts.values()) {
            if (draft.contentHash().equals(there.get(draft.id()))) {
                outcomes.put(draft.id(), Outcome.UNCHANGED);
                continue;
            }
            boolean added = !there.containsKey(draft.id());
            Document document = added ? new Document() : Document.findById(draft.id());
            if (added) {
                document.id = draft.id();
                document.createdAt = now;
            } else if (!Objects.equals(document.title, draft.title())) {
                retitled.add(draft.id());
            }
            document.title = draft.title();
            document.source = draft.source();
            document.metadata = draft.metadata();
            document.contentHash = draft.contentHash();
            document.updatedAt = now;
            if (added) {
                document.persist();
            }
            outcomes.put(draft.id(), added ? Outcome.ADDED : Outcome.CHANGED);
            changed.add(draft);
        }
        entities.flush();
        storeTexts(changed);
        List<String> touched = writePassages(changed, outcomes, retitled);
        entities.flush();
        return new Writing(outcomes, touched);
    }

    private void storeTexts(List<DocumentDraft> drafts) {
        // In the order of hashes, so that two writers can't wait for each other.
        Map<String, String> texts = new TreeMap<>();
        drafts.forEach(draft -> draft.pieces().forEach(piece -> texts.put(piece.textHash(), piece.text())));
        if (!texts.isEmpty()) {
            sql.update(
                    "INSERT INTO passage_text (hash, text) SELECT * FROM unnest(?, ?) ON CONFLICT DO NOTHING",
                    texts.keySet(),
                    texts.values());
        }
    }

    private List<String> writePassages(
            List<DocumentDraft> drafts, Map<String, Outcome> outcomes, Set<String> retitled) {
        Map<String, Passage> old = new HashMap<>();
        for (DocumentDraft draft : drafts) {
            if (outcomes.get(draft.id()) == Outcome.CHANGED) {
                Passage.<Passage>list("documentId", draft.id()).forEach(passage -> old.put(passage.id, passage));
            }
        }
        List<String> touched = new ArrayList<>();
        for (DocumentDraft draft : drafts) {
            for (int i = 0; i < draft.pieces().size(); i++) {
                Piece piece = draft.pieces().get(i);
                Passage passage = old.remove(piece.passageId());
                boolean added = passage == null;
                if (added) {
                    passage = new Passage();
                    passage.id = piece.passageId();
                    passage.documentId = draft.id();
                    passage.textHash = piece.textHash();
                }
                passage.position = i;
                if (added) {
                    passage.persist();
                }
                if (added || retitled.contains(draft.id())) {
                    touched.add(passage.id);
                }
            }
        }
        if (!old.isEmpty()) {
            Set<String> texts = new LinkedHashSet<>();
            old.values().forEach(passage -> texts.add(passage.textHash));
            entities.flush();
            sql.update("DELETE FROM passage WHERE id = ANY (?)", old.keySet());
            removeTexts(texts);
            touched.addAll(old.keySet());
        }
        return touched;
    }

    /** Takes out those of the texts that no passage has any more, with all that hangs on them. */
    private void removeTexts(Collection<String> hashes) {
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

    /** Takes the document out, with its passages, their index entries, and all adapters that no other passage uses. */
    public boolean delete(String documentId) {
        Optional<List<String>> removed = writers.write(() -> {
            List<String> passages = sql.strings("SELECT id FROM passage WHERE document_id = ?", documentId);
            List<String> texts =
                    sql.strings("SELECT DISTINCT text_hash FROM passage WHERE document_id = ?", documentId);
            if (sql.update("DELETE FROM document WHERE id = ?", documentId) == 0) {
                return Optional.empty();
            }
            removeTexts(texts);
            return Optional.of(passages);
        });
        removed.ifPresent(this::publish);
        return removed.isPresent();
    }

    private void publish(List<String> touched) {
        if (!touched.isEmpty()) {
            changes.fire(new CorpusChange(touched));
            removal.run();
        }
    }

    /** The document, its passages in the state they have under the model and recipe. */
    public Optional<DocumentView> get(String documentId, String model, String recipe) {
        return QuarkusTransaction.joiningExisting().call(() -> {
            Document document = Document.findById(documentId);
            if (document == null) {
                return Optional.empty();
            }
            List<PassageView> passages = sql.query(
                    row -> new PassageView(
                            row.getString(1),
                            row.getInt(2),
                            row.getString(3),
                            EncodingState.valueOf(row.getString(4)),
                            row.getString(5),
                            row.getString(6),
                            row.getString(7)),
                    "SELECT p.id, p.position, t.text, coalesce(e.state, 'PENDING'), e.adapter_id, e.note, e.error"
                            + " FROM passage p JOIN passage_text t ON t.hash = p.text_hash LEFT JOIN encoding e"
                            + " ON e.text_hash = p.text_hash AND e.model = ? AND e.recipe = ?"
                            + " WHERE p.document_id = ? ORDER BY p.position",
                    model,
                    recipe,
                    documentId);
            return Optional.of(new DocumentView(
                    document.id,
                    document.title,
                    document.source,
                    document.metadata,
                    document.createdAt,
                    document.updatedAt,
                    passages));
        });
    }

    /** The passages of these ids that exist, in the order of the ids. */
    public List<PassageText> passages(Collection<String> passageIds) {
        Map<String, PassageText> found = new HashMap<>();
        for (PassageText passage : texts(PASSAGE_TEXTS + "WHERE p.id = ANY (?)", passageIds)) {
            found.put(passage.id(), passage);
        }
        return passageIds.stream().filter(found::containsKey).map(found::get).toList();
    }

    private List<PassageText> texts(String query, Object... parameters) {
        return sql.query(
                row -> new PassageText(
                        row.getString(1), row.getString(2), row.getInt(3), row.getString(4), row.getString(5)),
                query,
                parameters);
    }

    /** Up to {@code most} passages in the order of ids, from the first after {@code afterId} (empty: from the start). */
    public List<PassageVersion> versions(String afterId, int most) {
        return sql.query(
                row -> new PassageVersion(row.getString(1), PassageText.version(row.getString(2), row.getString(3))),
                "SELECT p.id, d.title, p.text_hash FROM passage p JOIN document d ON d.id = p.document_id"
                        + " WHERE p.id > ? COLLATE \"C\" ORDER BY p.id COLLATE \"C\" LIMIT ?",
                afterId,
                most);
    }

    /** How many documents there are. */
    public long documents() {
        return sql.number("SELECT count(*) FROM document");
    }
}

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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The documents and their passages. Writers take turns. Each call is a transaction of its own; what follows from a
 * change (index entries, adapter files) is done once it is committed.
 */
@ApplicationScoped
public class Corpus {
    private static final String PASSAGE_TEXTS =
            "SELECT p.id, p.document_id, p.position, d.title, t.text, p.headings FROM passage p"
                    + " JOIN document d ON d.id = p.document_id JOIN passage_text t ON t.hash = p.text_hash ";

    @Inject
    Sql sql;

    @Inject
    Writers writers;

    @Inject
    EntityManager entities;

    @Inject
    PassageRows rows;

    @Inject
    CorpusConfig config;

    @Inject
    AdapterRemoval removal;

    @Inject
    Changes sequence;

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
        publish(writing.outcomes().values().stream().anyMatch(outcome -> outcome != Outcome.UNCHANGED));
        Set<String> told = new LinkedHashSet<>();
        return drafts.stream()
                .map(draft -> new Ingested(
                        draft.id(),
                        told.add(draft.id()) ? writing.outcomes().get(draft.id()) : Outcome.UNCHANGED,
                        draft.pieces().stream().map(Piece::passageId).toList(),
                        draft.notes()))
                .toList();
    }

    private record Writing(Map<String, Outcome> outcomes, List<String> touched) {}

    private Writing write(Map<String, DocumentDraft> drafts) {
        Map<String, String> there = new HashMap<>();
        Set<String> cutNow = new HashSet<>();
        sql.query(
                row -> {
                    if (row.getInt(3) == PassageSplitter.VERSION) {
                        cutNow.add(row.getString(1));
                    }
                    return there.put(row.getString(1), row.getString(2));
                },
                "SELECT d.id, d.content_hash, t.splitter FROM document d"
                        + " LEFT JOIN document_text t ON t.document_id = d.id WHERE d.id = ANY (?)",
                drafts.keySet());
        Map<String, Outcome> outcomes = new HashMap<>();
        Map<String, List<Piece>> pieces = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        Set<String> retitled = new LinkedHashSet<>();
        Set<String> old = new LinkedHashSet<>();
        for (DocumentDraft draft : drafts.values()) {
            boolean same = draft.contentHash().equals(there.get(draft.id()));
            outcomes.put(
                    draft.id(),
                    same ? Outcome.UNCHANGED : there.containsKey(draft.id()) ? Outcome.CHANGED : Outcome.ADDED);
            if (same && cutNow.contains(draft.id())) {
                continue;
            }
            if (!same && writeDocument(draft, outcomes.get(draft.id()))) {
                retitled.add(draft.id());
            }
            if (there.containsKey(draft.id())) {
                old.add(draft.id());
            }
            pieces.put(draft.id(), draft.pieces());
            texts.put(draft.id(), draft.text());
        }
        entities.flush();
        rows.keepDocuments(texts);
        PassageRows.Written written = rows.write(pieces, old, retitled);
        // The same text, which another version of the splitter had cut.
        written.documents().forEach(id -> outcomes.replace(id, Outcome.UNCHANGED, Outcome.CHANGED));
        sequence.record(drafts.keySet().stream()
                .filter(id -> outcomes.get(id) != Outcome.UNCHANGED)
                .toList());
        return new Writing(outcomes, written.passages());
    }

    /** Writes the row of a document; true if it was there under another title. */
    private static boolean writeDocument(DocumentDraft draft, Outcome outcome) {
        boolean added = outcome == Outcome.ADDED;
        Document document = added ? new Document() : Document.findById(draft.id());
        boolean retitled = !added && !Objects.equals(document.title, draft.title());
        Instant now = Instant.now();
        document.title = draft.title();
        document.source = draft.source();
        document.metadata = draft.metadata();
        document.contentHash = draft.contentHash();
        document.updatedAt = now;
        if (added) {
            document.id = draft.id();
            document.createdAt = now;
            document.persist();
        }
        return retitled;
    }

    /**
     * Cuts documents again from their whole texts.
     *
     * @param documentIds which ones; those that aren't there and those without a text are passed over
     * @return what changed
     */
    public Recut recut(Collection<String> documentIds) {
        Set<String> withText = new LinkedHashSet<>();
        Set<String> changed = new LinkedHashSet<>();
        for (String id : documentIds) {
            PassageRows.Written written = writers.write(() -> {
                Optional<String> text =
                        sql.first(row -> row.getString(1), "SELECT text FROM document_text WHERE document_id = ?", id);
                if (text.isEmpty()) {
                    return new PassageRows.Written(List.of(), Set.of());
                }
                withText.add(id);
                rows.keepDocuments(Map.of(id, text.get()));
                PassageRows.Written recut =
                        rows.write(Map.of(id, DocumentDraft.pieces(id, text.get())), Set.of(id), Set.of());
                sequence.record(recut.documents());
                return recut;
            });
            changed.addAll(written.documents());
        }
        publish(!changed.isEmpty());
        return new Recut(
                withText.size(),
                changed.size(),
                documentIds.stream().filter(id -> !withText.contains(id)).toList());
    }

    /**
     * What cutting again did.
     *
     * @param documents how many were cut
     * @param changed how many of them have other passages now
     * @param withoutText ids of those whose text isn't kept, because they were ingested before texts were
     */
    public record Recut(int documents, int changed, List<String> withoutText) {}

    /** Takes the document out, with its passages, their index entries, and all adapters that no other passage uses. */
    public boolean delete(String documentId) {
        return deleteAll(List.of(documentId)).isEmpty();
    }

    /**
     * Takes documents out as {@link #delete} does, all or none.
     *
     * @return those of the ids that aren't in the corpus; if there are any, nothing was changed
     */
    public List<String> deleteAll(Collection<String> documentIds) {
        List<String> missing = new ArrayList<>();
        writers.write(() -> {
            Set<String> there = new HashSet<>(sql.strings("SELECT id FROM document WHERE id = ANY (?)", documentIds));
            documentIds.stream().filter(id -> !there.contains(id)).forEach(missing::add);
            if (!missing.isEmpty()) {
                return missing;
            }
            List<String> texts =
                    sql.strings("SELECT DISTINCT text_hash FROM passage WHERE document_id = ANY (?)", documentIds);
            sql.update("DELETE FROM document WHERE id = ANY (?)", documentIds);
            rows.removeTexts(texts);
            sequence.record(documentIds);
            return missing;
        });
        publish(missing.isEmpty() && !documentIds.isEmpty());
        return missing;
    }

    private void publish(boolean changed) {
        if (changed) {
            changes.fire(new CorpusChange());
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
                            row.getString(4),
                            EncodingState.valueOf(row.getString(5)),
                            row.getString(6),
                            row.getString(7),
                            row.getString(8)),
                    "SELECT p.id, p.position, p.headings, t.text, coalesce(e.state, 'PENDING'), e.adapter_id, e.note, e.error"
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
                    DocumentMetadata.parse(document.metadata),
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
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6)),
                query,
                parameters);
    }

    /** How many documents there are. */
    public long documents() {
        return sql.number("SELECT count(*) FROM document");
    }

    /** Up to {@code most} documents in the order in which they came, behind the first {@code skip}. */
    public List<DocumentSummary> list(int skip, int most) {
        return sql.query(
                row -> new DocumentSummary(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getTimestamp(5).toInstant()),
                "SELECT d.id, d.title, d.source, (SELECT count(*) FROM passage p WHERE p.document_id = d.id),"
                        + " d.updated_at FROM document d ORDER BY d.seq OFFSET ? LIMIT ?",
                skip,
                most);
    }

    /** The ids of all documents in the order in which they came. */
    public List<String> ids() {
        return sql.strings("SELECT id FROM document ORDER BY seq");
    }
}

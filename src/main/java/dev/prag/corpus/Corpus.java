package dev.prag.corpus;

import dev.prag.access.Principal;
import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.corpus.Ingested.Outcome;
import dev.prag.documents.DocumentDraft;
import dev.prag.documents.DocumentDraft.Piece;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.DocumentMetadata;
import dev.prag.documents.GivenPair;
import dev.prag.documents.PassageSplitter;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The documents and their passages. Writers take turns. Each call is a transaction of its own; what follows from a
 * change (index entries, adapter files) is done once it is committed.
 */
@ApplicationScoped
public class Corpus {
    private static final String PASSAGE_TEXTS =
            "SELECT p.id, p.document_id, p.position, d.title, t.text, p.headings, p.page FROM passage p"
                    + " JOIN document d ON d.id = p.document_id JOIN passage_text t ON t.hash = p.text_hash"
                    + " WHERE p.id = ANY (?) AND" + ReadableBy.CONDITION;

    @Inject
    Sql sql;

    @Inject
    AnswerSql answerSql;

    @Inject
    Writers writers;

    @Inject
    PassageRows rows;

    @Inject
    DocumentPairs pairs;

    @Inject
    CorpusConfig config;

    @Inject
    AdapterRemoval removal;

    @Inject
    Changes sequence;

    @Inject
    Deletions deletions;

    @Inject
    Counts counts;

    @Inject
    Event<CorpusChange> changes;

    /**
     * Adds or replaces documents: of up to {@link Intake#DOCUMENTS} documents of together {@link Intake#CHARACTERS} all
     * or none, of more the first ones if it is interrupted; none if there is anything wrong with any.
     *
     * @return one for each document, in their order
     * @throws UserException naming the document that is empty, too large, or given twice with different content
     * @throws BusyException if its turn doesn't come for long; it says how many are kept
     */
    public List<Ingested> ingest(List<DocumentInput> documents) {
        return ingest(documents, Principal.LOCAL);
    }

    /**
     * As {@link #ingest(List)}, for a caller who may not replace what the caller may not read.
     *
     * @throws UserException of kind CONFLICT naming the id of a document that the caller may not read
     */
    public List<Ingested> ingest(List<DocumentInput> documents, Principal caller) {
        List<DocumentDraft> drafts = new ArrayList<>(documents.size());
        Map<String, DocumentDraft> byId = new HashMap<>();
        for (DocumentInput input : documents) {
            DocumentDraft draft = draft(input);
            requireSame(byId.putIfAbsent(draft.id(), draft), draft);
            drafts.add(draft);
        }
        List<Ingested> ingested = new ArrayList<>(documents.size());
        Intake.Drafts some = new Intake.Drafts();
        for (DocumentDraft draft : drafts) {
            if (!some.isRoomFor(draft)) {
                ingested.addAll(keep(some.take(), caller, ingested.size()));
            }
            some.add(draft);
        }
        if (!some.isEmpty()) {
            ingested.addAll(keep(some.take(), caller, ingested.size()));
        }
        return ingested;
    }

    /**
     * Documents of any number, with memory for those of two transactions; what becomes of each is told once it is kept.
     * While some are written the next ones are read, and searches see them all when it is finished.
     */
    public Intake intake(Consumer<Ingested> each) {
        return new Intake(this::draft, (drafts, more) -> keep(drafts, Principal.LOCAL, more), each, true);
    }

    /** The same for a caller as {@link #ingest(List, Principal)} has it, by the thread that calls alone. */
    public Intake intake(Consumer<Ingested> each, Principal caller) {
        return new Intake(
                input -> {
                    DocumentDraft draft = draft(input);
                    // Also when it is written: this is to refuse one alone, where the others are kept.
                    requireReadable(List.of(draft.id()), caller);
                    return draft;
                },
                (drafts, more) -> keep(drafts, caller, false),
                each,
                false);
    }

    private DocumentDraft draft(DocumentInput input) {
        return DocumentDraft.of(input, config.maxDocumentBytes());
    }

    private static void requireSame(DocumentDraft before, DocumentDraft draft) {
        if (before != null && !before.contentHash().equals(draft.contentHash())) {
            throw new UserException("document " + draft.id()
                    + " is given twice with different content; give each document an id of its own");
        }
    }

    /** As {@link #keep(List, Principal, boolean)}, saying of what is busy how much of the call is kept. */
    private List<Ingested> keep(List<DocumentDraft> drafts, Principal caller, int before) {
        try {
            return keep(drafts, caller, false);
        } catch (BusyException e) {
            throw before == 0
                    ? e
                    : new BusyException(
                            "busy: others are writing documents; the first " + before
                                    + " documents are kept, and sending all again changes nothing of them",
                            e.retryAfter());
        }
    }

    /**
     * Keeps documents in one transaction.
     *
     * @param more whether others follow at once
     */
    private List<Ingested> keep(List<DocumentDraft> drafts, Principal caller, boolean more) {
        Map<String, DocumentDraft> byId = new LinkedHashMap<>();
        drafts.forEach(draft -> requireSame(byId.putIfAbsent(draft.id(), draft), draft));
        Map<String, Outcome> outcomes = writers.write(() -> write(byId, caller));
        publish(outcomes.values().stream().anyMatch(outcome -> outcome != Outcome.UNCHANGED), more);
        Set<String> told = new HashSet<>();
        return drafts.stream()
                .map(draft -> new Ingested(
                        draft.id(),
                        told.add(draft.id()) ? outcomes.get(draft.id()) : Outcome.UNCHANGED,
                        draft.pieces().stream().map(Piece::passageId).toList(),
                        draft.notes()))
                .toList();
    }

    /**
     * A document as it is in the database.
     *
     * @param splitter version of what cut it; 0 if its text isn't kept
     */
    private record Kept(String contentHash, int splitter) {}

    private Map<String, Outcome> write(Map<String, DocumentDraft> drafts, Principal caller) {
        requireReadable(drafts.keySet(), caller);
        Map<String, Kept> there = new HashMap<>();
        sql.query(
                row -> there.put(row.getString(1), new Kept(row.getString(2), row.getInt(3))),
                "SELECT d.id, d.content_hash, t.splitter FROM document d"
                        + " LEFT JOIN document_text t ON t.document_id = d.id WHERE d.id = ANY (?)",
                drafts.keySet());
        Map<String, Outcome> outcomes = new HashMap<>();
        Map<String, List<Piece>> pieces = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        Map<String, List<Integer>> pages = new HashMap<>();
        List<String> whole = new ArrayList<>();
        Set<String> old = new LinkedHashSet<>();
        List<DocumentDraft> differing = new ArrayList<>();
        for (DocumentDraft draft : drafts.values()) {
            Kept kept = there.get(draft.id());
            boolean same = kept != null && draft.contentHash().equals(kept.contentHash());
            outcomes.put(draft.id(), same ? Outcome.UNCHANGED : kept != null ? Outcome.CHANGED : Outcome.ADDED);
            if (same && kept.splitter() == draft.splitter()) {
                continue;
            }
            if (!same) {
                differing.add(draft);
            }
            if (kept != null) {
                old.add(draft.id());
            }
            pieces.put(draft.id(), draft.pieces());
            if (draft.splitter() == PassageSplitter.WHOLE) {
                whole.add(draft.id());
            } else {
                texts.put(draft.id(), draft.text());
                pages.put(draft.id(), draft.pages());
            }
        }
        if (pieces.isEmpty()) {
            return outcomes;
        }
        // Of all that are cut anew, as their pairs may belong to other passages now.
        Map<String, List<GivenPair>> given = new LinkedHashMap<>();
        pieces.keySet().forEach(id -> given.put(id, drafts.get(id).pairs()));
        pairs.lock(given, pieces);
        writeDocuments(differing);
        rows.keepDocuments(texts, pages);
        rows.keepWhole(whole);
        // The same text, which another version of the splitter had cut.
        rows.write(pieces, old).forEach(id -> outcomes.replace(id, Outcome.UNCHANGED, Outcome.CHANGED));
        pairs.write(given, pieces);
        sequence.record(drafts.keySet().stream()
                .filter(id -> outcomes.get(id) != Outcome.UNCHANGED)
                .toList());
        return outcomes;
    }

    /** Whoever may not read a document doesn't replace it either: nothing is lost by a guess at its id. */
    private void requireReadable(Collection<String> documentIds, Principal caller) {
        if (caller.readsAll()) {
            return;
        }
        List<String> taken = sql.strings(
                "SELECT d.id FROM document d WHERE d.id = ANY (?) AND NOT" + ReadableBy.CONDITION + "ORDER BY d.seq",
                documentIds,
                ReadableBy.all(caller),
                ReadableBy.readers(caller));
        if (!taken.isEmpty()) {
            throw new UserException(
                    Kind.CONFLICT, "document id \"" + taken.getFirst() + "\" can't be used; choose another one");
        }
    }

    private void writeDocuments(List<DocumentDraft> drafts) {
        sql.update(
                "INSERT INTO document (id, title, source, metadata, content_hash, readers, created_at, updated_at)"
                        + " SELECT i, t, s, m::jsonb, h, ARRAY(SELECT jsonb_array_elements_text(r::jsonb)), now(), now()"
                        + " FROM unnest(?, ?, ?, ?, ?, ?) WITH ORDINALITY AS n (i, t, s, m, h, r, o) ORDER BY o"
                        + " ON CONFLICT (id) DO UPDATE SET title = excluded.title, source = excluded.source,"
                        + " metadata = excluded.metadata, content_hash = excluded.content_hash, readers = excluded.readers,"
                        + " updated_at = excluded.updated_at",
                column(drafts, DocumentDraft::id),
                column(drafts, DocumentDraft::title),
                column(drafts, DocumentDraft::source),
                column(drafts, DocumentDraft::metadata),
                column(drafts, DocumentDraft::contentHash),
                column(drafts, draft -> ReadableBy.json(draft.readers())));
    }

    /** A column of values that may be null. */
    private static List<String> column(List<DocumentDraft> drafts, Function<DocumentDraft, String> value) {
        return drafts.stream().map(value).collect(Collectors.toCollection(ArrayList::new));
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
            Set<String> written = writers.write(() -> {
                Optional<Whole> there = sql.first(
                        row -> new Whole(
                                row.getString(1),
                                Sql.integers(row.getArray(2)),
                                Sql.strings(row.getArray(3)),
                                row.getInt(4) == PassageSplitter.WHOLE),
                        "SELECT t.text, t.pages, d.readers, t.splitter FROM document_text t JOIN document d ON d.id = t.document_id"
                                + " WHERE d.id = ?",
                        id);
                if (there.isEmpty()) {
                    return Set.of();
                }
                Whole whole = there.get();
                withText.add(id);
                if (whole.isPassage()) {
                    return Set.of();
                }
                rows.keepDocuments(Map.of(id, whole.text()), Map.of(id, whole.pages()));
                Map<String, List<Piece>> pieces =
                        Map.of(id, DocumentDraft.pieces(id, whole.text(), whole.pages(), whole.readers()));
                Map<String, List<GivenPair>> given = pairs.of(Set.of(id));
                pairs.lock(given, pieces);
                Set<String> recut = rows.write(pieces, Set.of(id));
                pairs.write(given, pieces);
                sequence.record(recut);
                return recut;
            });
            changed.addAll(written);
        }
        publish(!changed.isEmpty(), false);
        return new Recut(
                withText.size(),
                changed.size(),
                documentIds.stream().filter(id -> !withText.contains(id)).toList());
    }

    /**
     * The whole text of a document, where in it pages begin, and who may read it.
     *
     * @param isPassage whether it is one passage and never cut; then its text is that one's
     */
    private record Whole(String text, List<Integer> pages, List<String> readers, boolean isPassage) {}

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
        return delete(documentId, Principal.LOCAL);
    }

    /** The same for a caller; what the caller may not read isn't there. */
    public boolean delete(String documentId, Principal caller) {
        return deleteAll(List.of(documentId), caller).isEmpty();
    }

    /**
     * Takes documents out as {@link #delete} does, all or none.
     *
     * @return those of the ids that aren't in the corpus; if there are any, nothing was changed
     */
    public List<String> deleteAll(Collection<String> documentIds) {
        return deleteAll(documentIds, Principal.LOCAL);
    }

    private List<String> deleteAll(Collection<String> documentIds, Principal caller) {
        List<String> missing = new ArrayList<>();
        writers.write(() -> {
            Set<String> there = new HashSet<>(sql.strings(
                    "SELECT d.id FROM document d WHERE d.id = ANY (?) AND" + ReadableBy.CONDITION,
                    documentIds,
                    ReadableBy.all(caller),
                    ReadableBy.readers(caller)));
            documentIds.stream().filter(id -> !there.contains(id)).forEach(missing::add);
            if (!missing.isEmpty()) {
                return missing;
            }
            deletions.note(documentIds, caller);
            pairs.beforeDeleting(documentIds);
            rows.deleteAllOf(documentIds);
            sql.update("DELETE FROM document WHERE id = ANY (?)", documentIds);
            sequence.record(documentIds);
            return missing;
        });
        publish(missing.isEmpty() && !documentIds.isEmpty(), false);
        return missing;
    }

    private void publish(boolean changed, boolean more) {
        if (changed) {
            changes.fire(new CorpusChange(more));
            removal.run();
            counts.compact();
        }
    }

    /** The document, its passages in the state they have under the model and recipe. */
    public Optional<DocumentView> get(String documentId, String model, String recipe) {
        return get(documentId, Principal.LOCAL, model, recipe);
    }

    /** The same for a caller; what the caller may not read isn't there. */
    public Optional<DocumentView> get(String documentId, Principal caller, String model, String recipe) {
        return QuarkusTransaction.joiningExisting().call(() -> {
            Optional<List<String>> readers = sql.first(
                    row -> Sql.strings(row.getArray(1)),
                    "SELECT d.readers FROM document d WHERE d.id = ? AND" + ReadableBy.CONDITION,
                    documentId,
                    ReadableBy.all(caller),
                    ReadableBy.readers(caller));
            if (readers.isEmpty()) {
                return Optional.empty();
            }
            Document document = Document.findById(documentId);
            List<PassageView> passages = sql.query(
                    row -> new PassageView(
                            row.getString(1),
                            row.getInt(2),
                            row.getString(3),
                            row.getObject(9, Integer.class),
                            row.getString(4),
                            EncodingState.valueOf(row.getString(5)),
                            row.getString(6),
                            row.getString(7),
                            row.getString(8)),
                    "SELECT p.id, p.position, p.headings, t.text, coalesce(e.state, 'PENDING'), e.adapter_id, e.note, e.error, p.page"
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
                    readers.get(),
                    document.createdAt,
                    document.updatedAt,
                    passages));
        });
    }

    /** The passages of these ids that exist, in the order of the ids. */
    public List<PassageText> passages(Collection<String> passageIds) {
        return passages(passageIds, Principal.LOCAL);
    }

    /** The same for a caller; what the caller may not read isn't there. */
    public List<PassageText> passages(Collection<String> passageIds, Principal caller) {
        List<PassageText> texts = answerSql.query(
                row -> new PassageText(
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getObject(7, Integer.class)),
                PASSAGE_TEXTS,
                passageIds,
                ReadableBy.all(caller),
                ReadableBy.readers(caller));
        Map<String, PassageText> found = new HashMap<>();
        texts.forEach(passage -> found.put(passage.id(), passage));
        return passageIds.stream().filter(found::containsKey).map(found::get).toList();
    }

    /** How many documents there are. */
    public long documents() {
        return counts.documents();
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

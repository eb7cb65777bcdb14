package dev.prag.corpus;

import dev.prag.documents.DocumentMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads the passages of any number of documents of any length, a page at a time. */
@ApplicationScoped
public class PassageReader implements PassageSource {
    /** Passages of a page. */
    private static final int PAGE = 1000;

    /** Those that came with documents, and those of all augmentations, whichever model and recipe they are of. */
    private static final String QUESTIONS = "coalesce((SELECT string_agg(question, E'\\n' ORDER BY question) FROM"
            + " (SELECT question FROM document_pair WHERE text_hash = p.text_hash UNION"
            + " SELECT unnest(questions) FROM augmentation WHERE text_hash = p.text_hash) asked), '')";

    @Inject
    Sql sql;

    private record Counted(String documentId, Map<String, Object> metadata, List<String> readers, int passages) {}

    @Override
    public void read(Collection<String> documentIds, Sink sink) throws IOException {
        List<Counted> together = new ArrayList<>();
        int passages = 0;
        for (Counted document : counted(documentIds)) {
            if (!together.isEmpty() && passages + document.passages() > PAGE) {
                read(together, sink);
                together.clear();
                passages = 0;
            }
            together.add(document);
            passages += document.passages();
        }
        if (!together.isEmpty()) {
            read(together, sink);
        }
    }

    private List<Counted> counted(Collection<String> documentIds) {
        return sql.query(
                row -> new Counted(
                        row.getString(1),
                        DocumentMetadata.parse(row.getString(2)),
                        Sql.strings(row.getArray(3)),
                        row.getInt(4)),
                "SELECT d.id, d.metadata::text, d.readers, (SELECT coalesce(max(p.position) + 1, 0) FROM passage p"
                        + " WHERE p.document_id = d.id) FROM document d WHERE d.id = ANY (?)",
                documentIds);
    }

    /** Documents of a page together, or one that is longer. */
    private void read(List<Counted> documents, Sink sink) throws IOException {
        int longest = documents.stream().mapToInt(Counted::passages).max().orElseThrow();
        for (int from = 0; from < longest; from += PAGE) {
            Map<String, List<PassageText>> byDocument = page(documents, from).stream()
                    .collect(Collectors.groupingBy(PassageText::documentId, LinkedHashMap::new, Collectors.toList()));
            for (Counted document : documents) {
                List<PassageText> page = byDocument.get(document.documentId());
                if (page != null) {
                    sink.take(
                            new DocumentPassages(document.documentId(), document.metadata(), document.readers(), page));
                }
            }
        }
    }

    private List<PassageText> page(List<Counted> documents, int from) {
        return sql.query(
                row -> new PassageText(
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        null,
                        row.getString(7)),
                "SELECT p.id, p.document_id, p.position, d.title, t.text, p.headings, " + QUESTIONS + " FROM passage p"
                        + " JOIN document d ON d.id = p.document_id JOIN passage_text t ON t.hash = p.text_hash"
                        + " WHERE p.document_id = ANY (?) AND p.position >= ? AND p.position < ?"
                        + " ORDER BY p.document_id, p.position",
                documents.stream().map(Counted::documentId).toList(),
                from,
                from + PAGE);
    }
}

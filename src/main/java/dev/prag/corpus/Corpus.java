package dev.prag.corpus;

import dev.prag.base.UserException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The documents and their passages. Writers take turns; each call is one transaction. */
@ApplicationScoped
public class Corpus {
    /**
     * Adds or replaces documents, all or none.
     *
     * @return one for each document, in their order
     * @throws UserException naming the document that is empty, too large, or given twice with different content
     */
    public List<Ingested> ingest(List<DocumentInput> documents) {
        throw new UnsupportedOperationException();
    }

    /** The document, its passages in the state they have under the model and recipe. */
    public Optional<DocumentView> get(String documentId, String model, String recipe) {
        throw new UnsupportedOperationException();
    }

    /** Takes the document out, with its passages, their index entries, and all adapters that no other passage uses. */
    public boolean delete(String documentId) {
        throw new UnsupportedOperationException();
    }

    /** The passages of these ids that exist, in the order of the ids. */
    public List<PassageText> passages(Collection<String> passageIds) {
        throw new UnsupportedOperationException();
    }

    public long documents() {
        throw new UnsupportedOperationException();
    }
}

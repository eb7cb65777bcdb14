package dev.prag.retrieval;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** BM25 over the titles and texts of all passages, kept under the home, following the corpus. */
@ApplicationScoped
public class PassageIndex {
    /** The best {@code k} passages for the question, best first; fewer or none where few or none share a word with it. */
    public List<Hit> search(String question, int k) {
        throw new UnsupportedOperationException();
    }

    /** Compares the index with the database and mends it. */
    public Reconciled reconcile() {
        throw new UnsupportedOperationException();
    }

    /** Makes the index anew from the database; returns the number of passages. */
    public int rebuild() {
        throw new UnsupportedOperationException();
    }

    /** What {@link #reconcile} had to mend. */
    public record Reconciled(int added, int removed) {}
}

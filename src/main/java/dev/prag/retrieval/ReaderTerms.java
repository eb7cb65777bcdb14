package dev.prag.retrieval;

import dev.prag.access.Principal;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Who may read a passage, as terms of an index: one for each reader, or one for everybody. */
final class ReaderTerms {
    private static final String EVERYBODY = "*";
    private static final String READER = "=";

    private ReaderTerms() {}

    /** The terms of a document with these readers; none: everybody. */
    static Set<String> of(List<String> readers) {
        Set<String> terms = new TreeSet<>();
        readers.forEach(reader -> terms.add(READER + reader));
        return terms.isEmpty() ? Set.of(EVERYBODY) : terms;
    }

    /** The terms of which a passage has one if the caller may read it. */
    static Set<String> of(Principal caller) {
        Set<String> terms = new TreeSet<>(Set.of(EVERYBODY));
        caller.readers().forEach(reader -> terms.add(READER + reader));
        return terms;
    }
}

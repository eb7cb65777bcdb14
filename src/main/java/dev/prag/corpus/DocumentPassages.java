package dev.prag.corpus;

import java.util.List;
import java.util.Map;

/** Passages of one document that follow each other, its metadata (an object of JSON), and its readers; none: everybody. */
public record DocumentPassages(
        String documentId, Map<String, Object> metadata, List<String> readers, List<PassageText> passages) {
    public DocumentPassages {
        readers = List.copyOf(readers);
        passages = List.copyOf(passages);
    }

    /** Those of one that everybody may read. */
    public DocumentPassages(String documentId, Map<String, Object> metadata, List<PassageText> passages) {
        this(documentId, metadata, List.of(), passages);
    }
}

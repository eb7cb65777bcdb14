package dev.prag.corpus;

import java.util.List;
import java.util.Map;

/** Passages of one document that follow each other, and its metadata: an object of JSON. */
public record DocumentPassages(String documentId, Map<String, Object> metadata, List<PassageText> passages) {
    public DocumentPassages {
        passages = List.copyOf(passages);
    }
}

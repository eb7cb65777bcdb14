package dev.prag.corpus;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A document with its passages in order, and who may read it; no reader: everybody. */
public record DocumentView(
        String id,
        String title,
        String source,
        Map<String, Object> metadata,
        List<String> readers,
        Instant createdAt,
        Instant updatedAt,
        List<PassageView> passages) {
    public DocumentView {
        readers = List.copyOf(readers);
        passages = List.copyOf(passages);
    }
}

package dev.prag.corpus;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A document with its passages in order. */
public record DocumentView(
        String id,
        String title,
        String source,
        Map<String, Object> metadata,
        Instant createdAt,
        Instant updatedAt,
        List<PassageView> passages) {
    public DocumentView {
        passages = List.copyOf(passages);
    }
}

package dev.prag.corpus;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A page of a list of documents, the newest first.
 *
 * @param next where the next page goes on; null if there is none. A page of a list that is filtered may be short, or
 *     empty, although there is a next one
 * @param total how many documents there are; null where that isn't known without a look at all of them
 */
@RegisterForReflection
public record DocumentPage(List<Row> documents, String next, Long total) {
    public DocumentPage {
        documents = List.copyOf(documents);
    }

    /**
     * A document.
     *
     * @param title may be null
     * @param source path of its file; null if it came otherwise
     * @param passages how many it has
     * @param states how many of them are in each {@link EncodingState}; those that none is in are left out
     */
    @RegisterForReflection
    public record Row(
            String id,
            String title,
            String source,
            Map<String, Object> metadata,
            List<String> readers,
            Instant createdAt,
            Instant updatedAt,
            long passages,
            Map<EncodingState, Long> states) {}
}

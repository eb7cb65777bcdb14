package dev.prag.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * A retrieval of an answer's trace.
 *
 * @param query what was searched for
 * @param trigger what it was for: question, token, sentence, attention, reasoning, confidence or classifier
 * @param detail the same in words, with the figures that decided; left out where there is no more to say
 * @param passages what was found, best first
 * @param text what was written and kept from then until the next retrieval; left out while it isn't known yet
 */
@RegisterForReflection
public record Retrieval(
        String query,
        String trigger,
        @JsonInclude(JsonInclude.Include.NON_NULL) String detail,
        List<Found> passages,
        @JsonInclude(JsonInclude.Include.NON_NULL) String text) {
    /**
     * A passage that was found.
     *
     * @param id of the passage
     * @param title of its document
     * @param score of the retrieval
     */
    @RegisterForReflection
    public record Found(String id, String title, double score) {}

    /** One that nothing was written after yet. */
    static Retrieval of(String query, Trigger trigger, List<Retrieved> passages) {
        return new Retrieval(
                query,
                trigger.name(),
                trigger.detail(),
                passages.stream()
                        .map(passage -> new Found(passage.id(), passage.title(), passage.score()))
                        .toList(),
                null);
    }

    Retrieval with(String kept) {
        return new Retrieval(query, trigger, detail, passages, kept);
    }
}

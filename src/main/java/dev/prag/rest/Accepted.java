package dev.prag.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.Ingested;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of the documents of a request.
 *
 * @param ids of the documents, in the order of the request
 * @param refused files that were not taken; left out where no files were sent
 * @param states how many of their passages are in each state; left out where nobody waited for them
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Accepted(List<String> ids, List<Item> documents, List<Refused> refused, Map<EncodingState, Long> states) {
    /** One document: what changed, its passages, and what was left out of its text, in sentences. */
    @RegisterForReflection
    public record Item(String id, String outcome, List<String> passages, List<String> notes) {
        static Item of(Ingested one) {
            return new Item(
                    one.documentId(), one.outcome().name().toLowerCase(Locale.ROOT), one.passageIds(), one.notes());
        }
    }

    /** A file that was not taken, and why. */
    @RegisterForReflection
    public record Refused(String name, String reason) {}

    static Accepted of(List<Ingested> ingested, List<Refused> refused) {
        return new Accepted(
                ingested.stream().map(Ingested::documentId).toList(),
                ingested.stream().map(Item::of).toList(),
                refused,
                null);
    }

    Accepted with(Map<EncodingState, Long> its) {
        return new Accepted(ids, documents, refused, its);
    }
}

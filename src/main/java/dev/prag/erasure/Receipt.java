package dev.prag.erasure;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;

/**
 * What is left of a deleted document, by hashes alone.
 *
 * @param document SHA-256 of its id
 * @param content hash of its title, text and metadata
 * @param passages ids of its passages
 * @param texts hashes of the texts that no other document had
 * @param adapters ids of what was trained of these
 * @param by who deleted it
 * @param verifiedAt when nothing was left; null while something is
 * @param checks what was looked at
 * @param left what is left, in sentences
 */
@RegisterForReflection
public record Receipt(
        String id,
        String document,
        String content,
        List<String> passages,
        List<String> texts,
        List<String> adapters,
        String by,
        Instant at,
        Instant verifiedAt,
        List<Check> checks,
        List<String> left) {
    /**
     * A look at one place.
     *
     * @param what it was: answers, encoders, database, index, adapters, copies, tuning, device or prefixes
     * @param where the process, or the place that all processes share
     * @param left how much is left there
     * @param why something is left, as a sentence; left out where nothing is
     */
    @RegisterForReflection
    public record Check(
            String what,
            String where,
            Instant at,
            long left,
            @JsonInclude(JsonInclude.Include.NON_NULL) String why) {}
}

package dev.prag.corpus;

import dev.prag.documents.GivenPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * All that is known of a passage under one model and recipe.
 *
 * @param position in its document, from 0
 * @param headings the titles of the sections it is in, joined by {@code " > "}; empty if none
 * @param page of its document that it begins on, from 1; null where there are no pages
 * @param adapter null unless READY
 * @param note what the encoder wants known; null if nothing
 * @param error of the last attempt that failed; null if none
 * @param given questions and answers that people gave with documents that the caller may read
 */
public record PassageDetails(
        String id,
        String document,
        String title,
        Map<String, Object> metadata,
        int position,
        String headings,
        String text,
        Integer page,
        String textHash,
        EncodingState state,
        ItsAdapter adapter,
        String note,
        String error,
        List<GivenPair> given) {
    /**
     * Its adapter.
     *
     * @param measure what it is worth; null where that isn't known
     */
    public record ItsAdapter(String id, String checksum, long bytes, Instant createdAt, AdapterMeasure measure) {}
}

package dev.prag.corpus;

import java.time.Instant;
import java.util.List;

/**
 * That a document was deleted, told by hashes alone.
 *
 * @param id of the receipt
 * @param documentHash SHA-256 of the document's id
 * @param contentHash of its title, text and metadata
 * @param passages ids of its passages, which are hashes
 * @param texts hashes of those texts of its passages that no other document had
 * @param adapters ids of what was trained of these texts
 * @param underWay how many of these texts an encoder was at
 * @param by name of who deleted it
 * @param checks what was looked at last, as JSON
 * @param verifiedAt when nothing of it was left; null before
 */
public record Deletion(
        String id,
        String documentHash,
        String contentHash,
        List<String> passages,
        List<String> texts,
        List<String> adapters,
        int underWay,
        String by,
        Instant at,
        String checks,
        Instant verifiedAt) {}

package dev.prag.corpus;

import java.time.Instant;

/**
 * A ready adapter.
 *
 * @param model content hash of the model it was trained on
 * @param recipe hash of the recipe
 * @param title of a document that uses it
 * @param passages how many passages (of equal text) use it
 */
public record AdapterView(
        String id,
        String model,
        String recipe,
        String checksum,
        long bytes,
        Instant createdAt,
        String title,
        String text,
        int passages) {}

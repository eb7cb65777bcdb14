package dev.prag.corpus;

/**
 * A passage that an encoder has for itself until its lease runs out. Passages of equal text are one to the queue.
 *
 * @param encodingId names the lease to {@link EncodingQueue}
 * @param passageId one of the passages with this text
 * @param position of that one in its document, from 0
 * @param textHash SHA-256 of the text in hexadecimal; the key of its augmentations
 * @param attempts how often encoding it failed before, those before it was last tried again included
 */
public record LeasedPassage(
        long encodingId,
        String passageId,
        String documentId,
        int position,
        String title,
        String text,
        String textHash,
        int attempts) {}

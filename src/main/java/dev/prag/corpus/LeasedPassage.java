package dev.prag.corpus;

import dev.prag.base.Hashes;

/**
 * A passage that an encoder has for itself until its lease runs out. Passages of equal text are one to the queue.
 *
 * @param encodingId names the lease to {@link EncodingQueue}
 * @param passageId one of the passages with this text
 * @param position of that one in its document, from 0
 * @param headings above it in its document; empty if there are none
 * @param textHash SHA-256 of the text in hexadecimal; the key of its augmentations
 * @param attempts how often encoding it failed before, those before it was last tried again included
 */
public record LeasedPassage(
        long encodingId,
        String passageId,
        String documentId,
        int position,
        String title,
        String headings,
        String text,
        String textHash,
        int attempts) {
    /** A passage that nobody leased, such as one of a sample, under a number of the caller's. */
    public static LeasedPassage unleased(long number, PassageText passage) {
        return new LeasedPassage(
                number,
                passage.id(),
                passage.documentId(),
                passage.position(),
                passage.title(),
                passage.headings(),
                passage.text(),
                Hashes.sha256(passage.text()),
                0);
    }

    /** What it is about, for people: title and headings. */
    public String subject() {
        String named = title == null ? "" : title;
        if (headings.isEmpty() || headings.equals(named)) {
            return named;
        }
        // A document's first heading often is its title.
        return named.isEmpty() || headings.startsWith(named + " > ") ? headings : named + " > " + headings;
    }
}

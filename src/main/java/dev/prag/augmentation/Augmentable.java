package dev.prag.augmentation;

/**
 * A passage to augment.
 *
 * @param subject title of its document and headings above it, for people; empty if it has none
 * @param attempt how often it was tried before; each attempt samples anew
 */
public record Augmentable(String text, String subject, int attempt) {
    /** One of which nothing is known but its text. */
    public Augmentable(String text, int attempt) {
        this(text, "", attempt);
    }
}

package dev.prag.augmentation;

/**
 * A passage to augment.
 *
 * @param attempt how often it was tried before; each attempt samples anew
 */
public record Augmentable(String text, int attempt) {}

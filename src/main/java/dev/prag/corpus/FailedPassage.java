package dev.prag.corpus;

/**
 * A passage that was given up.
 *
 * @param title of a document that holds it
 * @param error of the last attempt
 */
public record FailedPassage(String title, String error) {}

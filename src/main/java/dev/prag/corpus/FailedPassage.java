package dev.prag.corpus;

/**
 * A passage that was given up.
 *
 * @param documentId of a document that holds it
 * @param title of that document; may be null
 * @param passageId one of the passages with this text
 * @param position in the document, from 0
 * @param error of the last attempt
 * @param detail what the model wrote that was no use; null if there was nothing
 */
public record FailedPassage(
        String documentId, String title, String passageId, int position, String text, String error, String detail) {}

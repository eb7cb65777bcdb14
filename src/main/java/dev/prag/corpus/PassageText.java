package dev.prag.corpus;

/**
 * A passage as retrieval and answering need it.
 *
 * @param headings the titles of the sections it is in, from the outermost, joined by {@code " > "}; empty if none
 */
public record PassageText(String id, String documentId, int position, String title, String text, String headings) {
    /** A passage under no heading. */
    public PassageText(String id, String documentId, int position, String title, String text) {
        this(id, documentId, position, title, text, "");
    }
}

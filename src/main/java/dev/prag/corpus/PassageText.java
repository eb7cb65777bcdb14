package dev.prag.corpus;

import dev.prag.base.Hashes;

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

    /** Changes with all that is indexed. */
    public String version() {
        return version(title, headings, Hashes.sha256(text));
    }

    static String version(String title, String headings, String textHash) {
        return Hashes.builder()
                .add(title == null ? "" : title)
                .add(headings)
                .add(textHash)
                .hex()
                .substring(0, 32);
    }
}

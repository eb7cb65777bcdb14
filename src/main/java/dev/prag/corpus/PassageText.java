package dev.prag.corpus;

/**
 * A passage as retrieval and answering need it.
 *
 * @param headings the titles of the sections it is in, from the outermost, joined by {@code " > "}; empty if none
 * @param page of its document that it begins on, from 1; null where there are no pages, or it isn't asked for
 * @param questions that people or models ask of it, one a line; empty where there are none, or they aren't asked for
 */
public record PassageText(
        String id,
        String documentId,
        int position,
        String title,
        String text,
        String headings,
        Integer page,
        String questions) {
    /** The same without questions. */
    public PassageText withoutQuestions() {
        return new PassageText(id, documentId, position, title, text, headings, page);
    }

    /** Where the questions aren't asked for. */
    public PassageText(
            String id, String documentId, int position, String title, String text, String headings, Integer page) {
        this(id, documentId, position, title, text, headings, page, "");
    }

    /** Where the page isn't asked for, either. */
    public PassageText(String id, String documentId, int position, String title, String text, String headings) {
        this(id, documentId, position, title, text, headings, null);
    }

    /** A passage under no heading. */
    public PassageText(String id, String documentId, int position, String title, String text) {
        this(id, documentId, position, title, text, "");
    }
}

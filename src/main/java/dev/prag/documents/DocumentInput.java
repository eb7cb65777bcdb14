package dev.prag.documents;

import java.util.List;
import java.util.Map;

/**
 * A document as it comes in. It is identified by {@code id}, else by {@code source}, else by the hash of its title and
 * text.
 *
 * @param id the caller's name for it; null or blank where there is none
 * @param title may be null; kept and indexed beside the text, never pasted into it
 * @param text what is split into passages
 * @param metadata anything that JSON can say; null is none
 * @param source path of the file that is this one document; null if it came otherwise (such as a line of a file)
 * @param pairs questions and answers that people gave with it
 * @param pages where in the text its pages begin, in ascending order; empty where it has none
 * @param notes what of the file isn't in the text and is to be known, in sentences
 * @param readers who may read it, as {@link Readers} has them; none: everybody who may ask
 * @param whole whether it is one passage as it stands, and never cut
 */
public record DocumentInput(
        String id,
        String title,
        String text,
        Map<String, Object> metadata,
        String source,
        List<GivenPair> pairs,
        List<Integer> pages,
        List<String> notes,
        List<String> readers,
        boolean whole) {
    public DocumentInput {
        readers = readers == null ? List.of() : List.copyOf(readers);
    }

    /** A passage that was cut elsewhere. */
    public static DocumentInput passage(String id, String title, String text) {
        return new DocumentInput(id, title, text, Map.of(), null, List.of(), List.of(), List.of(), List.of(), true);
    }

    /** One that is cut into passages. */
    public DocumentInput(
            String id,
            String title,
            String text,
            Map<String, Object> metadata,
            String source,
            List<GivenPair> pairs,
            List<Integer> pages,
            List<String> notes,
            List<String> readers) {
        this(id, title, text, metadata, source, pairs, pages, notes, readers, false);
    }

    /** One that everybody may read. */
    public DocumentInput(
            String id,
            String title,
            String text,
            Map<String, Object> metadata,
            String source,
            List<GivenPair> pairs,
            List<Integer> pages,
            List<String> notes) {
        this(id, title, text, metadata, source, pairs, pages, notes, List.of());
    }

    /** One without pages. */
    public DocumentInput(
            String id, String title, String text, Map<String, Object> metadata, String source, List<GivenPair> pairs) {
        this(id, title, text, metadata, source, pairs, List.of(), List.of());
    }

    /** The same for these readers. */
    public DocumentInput readBy(List<String> others) {
        return new DocumentInput(id, title, text, metadata, source, pairs, pages, notes, others, whole);
    }

    /** One without pairs and pages. */
    public DocumentInput(String id, String title, String text, Map<String, Object> metadata, String source) {
        this(id, title, text, metadata, source, List.of());
    }
}

package dev.prag.corpus;

import dev.prag.base.Hashes;

/** A passage as retrieval and answering need it. */
public record PassageText(String id, String documentId, int position, String title, String text) {
    /** Changes with all that is indexed. */
    public String version() {
        return version(title, Hashes.sha256(text));
    }

    static String version(String title, String textHash) {
        return Hashes.builder()
                .add(title == null ? "" : title)
                .add(textHash)
                .hex()
                .substring(0, 32);
    }
}

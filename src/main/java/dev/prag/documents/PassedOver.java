package dev.prag.documents;

/**
 * A file or folder below a folder that was not read.
 *
 * @param path as it was found, below the folder as it was named
 * @param reason in words where the kind doesn't say it all; else null
 */
public record PassedOver(String path, Kind kind, String reason) {
    /** Why. */
    public enum Kind {
        HIDDEN("hidden"),
        OTHER_EXTENSION("of another extension"),
        EMPTY("without text"),
        PAIRS("with pairs but without their document"),
        NOT_TEXT("not UTF-8 text"),
        ENCRYPTED("encrypted"),
        BROKEN("damaged, or not what the name says"),
        TOO_HARD("that takes too long or too much memory to read"),
        UNSUPPORTED("of a kind that this program can't read"),
        UNREADABLE("unreadable"),
        TOO_LARGE("too large"),
        CHANGED("changed or gone while it was read"),
        LINK_AGAIN("links to what is read already, or to nothing"),
        SPECIAL("neither file nor folder"),
        NAME("with a name that can't be an id");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** The kind as it stands behind a number of files. */
        public String words() {
            return words;
        }
    }
}

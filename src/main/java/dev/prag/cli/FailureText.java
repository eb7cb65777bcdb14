package dev.prag.cli;

/** How a passage that failed is named for people. */
final class FailureText {
    /** Of a passage, in characters: enough to find it again. */
    private static final int BEGINNING = 60;

    private FailureText() {}

    /** Such as {@code passage 2 of "Vera" (notes/vera.txt), "She is a Swedish architect…"}. */
    static String passage(String documentId, String title, int position, String text) {
        String name = title == null || title.equals(documentId) ? documentId : "\"" + title + "\" (" + documentId + ")";
        return "passage " + (position + 1) + " of " + name + ", \"" + beginning(text) + "\"";
    }

    /** The first words of a passage. */
    static String beginning(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        if (line.length() <= BEGINNING) {
            return line;
        }
        int space = line.lastIndexOf(' ', BEGINNING);
        return line.substring(0, space > BEGINNING / 2 ? space : BEGINNING) + "…";
    }

    /** What a model wrote, below the failure it explains. */
    static String indented(String detail) {
        return "  | " + detail.strip().replace("\n", System.lineSeparator() + "  | ");
    }
}

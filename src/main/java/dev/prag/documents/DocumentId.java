package dev.prag.documents;

import java.nio.charset.StandardCharsets;

/**
 * Which texts are ids: those that can be kept and be the path of a request, whose every byte may need three characters
 * and whose segments {@code .} and {@code ..} are taken away by clients on the way.
 */
final class DocumentId {
    /** Three times this fits the first line of a request, and an entry of PostgreSQL's indexes holds 2,700. */
    private static final int MOST_BYTES = 1000;

    private DocumentId() {}

    /** What is wrong with it, as it follows "it" in a sentence; null if nothing is. */
    static String problem(String id) {
        int control = (int)
                id.codePoints().filter(Character::isISOControl).findFirst().orElse(-1);
        if (control >= 0) {
            return String.format("contains the control character U+%04X", control);
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
            return "contains half of a surrogate pair, which is no character";
        }
        if (!id.isEmpty() && (isSpace(id.codePointAt(0)) || isSpace(id.codePointBefore(id.length())))) {
            return "begins or ends with white space";
        }
        for (String segment : id.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return "has the segment " + segment + ", which no address can have";
            }
        }
        int bytes = id.getBytes(StandardCharsets.UTF_8).length;
        return bytes > MOST_BYTES ? "has " + bytes + " bytes of UTF-8, where the limit is " + MOST_BYTES : null;
    }

    private static boolean isSpace(int codePoint) {
        return PassageSplitter.isSpace(codePoint);
    }
}

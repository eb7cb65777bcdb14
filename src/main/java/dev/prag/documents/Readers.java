package dev.prag.documents;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.access.Principal;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Who may read a document: groups, and {@code user:NAME} for a person; none: everybody who may ask. */
public final class Readers {
    /** Of a document. */
    static final int MOST = 100;
    /** Of a name, in characters. */
    static final int LONGEST = 200;

    private Readers() {}

    /**
     * The readers in their order, each once.
     *
     * @param where what a message calls the document
     * @param names null is none
     * @throws UserException naming the one that can't be a reader
     */
    public static List<String> checked(String where, Collection<String> names) {
        if (names == null || names.isEmpty()) {
            return List.of();
        }
        if (names.size() > MOST) {
            throw new UserException(
                    Kind.TOO_LARGE,
                    where + " has " + names.size() + " readers, where the limit is " + MOST + "; name groups");
        }
        names.forEach(name -> check(where, name));
        return List.copyOf(new TreeSet<>(names));
    }

    private static void check(String where, String name) {
        if (name == null || name.isBlank() || name.equals(Principal.PERSON)) {
            throw new UserException(where + " has a reader without a name; give a group, or user: and a name");
        }
        boolean isBroken = !name.equals(name.strip())
                || name.codePoints()
                        .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
        if (isBroken) {
            throw new UserException(where + " has the reader \"" + name.replaceAll("\\p{Cntrl}", "?")
                    + "\", which begins or ends with a space, or has characters that a name hasn't");
        }
        if (name.length() > LONGEST) {
            throw new UserException(
                    Kind.TOO_LARGE,
                    where + " has the reader " + name.substring(0, 40) + "…, which is longer than " + LONGEST
                            + " characters; shorten it");
        }
    }

    /** The field {@code readers} of a document in JSON: a list of names; missing and null are none. */
    static List<String> of(JsonNode field, String where) {
        if (field.isMissingNode() || field.isNull()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        if (field.isArray()) {
            field.forEach(name -> names.add(name.isTextual() ? name.asText() : null));
        }
        if (!field.isArray() || names.contains(null)) {
            throw new UserException(where + " has readers that are not a list of names; give groups, or user: and a"
                    + " name, such as [\"blue\", \"user:vera\"]");
        }
        return checked(where, names);
    }

    /**
     * What a text of documents with these readers is known by. Equal texts are one, with one state, augmentation and
     * adapter, only where the same callers may read them: nothing of the one, such as the title or pairs it was encoded
     * with, comes to readers of the other.
     */
    static String textHash(String text, List<String> readers) {
        if (readers.isEmpty()) {
            return Hashes.sha256(text);
        }
        Hashes.Builder hash = Hashes.builder().add(text);
        readers.forEach(hash::add);
        return hash.hex();
    }
}

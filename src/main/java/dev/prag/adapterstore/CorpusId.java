package dev.prag.adapterstore;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The id of a corpus, as stores keep it: one line of text. */
final class CorpusId {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    private CorpusId() {}

    /** @throws IllegalArgumentException if it is none */
    static byte[] toBytes(String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("corpus id " + id);
        }
        return (id + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws UserException naming where the bytes are from, if they are no id */
    static String of(byte[] bytes, String origin) {
        String id = new String(bytes, StandardCharsets.UTF_8).strip();
        if (!ID.matcher(id).matches()) {
            throw new UserException(
                    Kind.CONFLICT,
                    origin + " should hold the id of the corpus that these adapters belong to, and holds none; if they"
                            + " are this corpus's, remove it, and it is written again");
        }
        return id;
    }
}

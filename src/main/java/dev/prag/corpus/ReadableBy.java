package dev.prag.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.access.Principal;
import java.util.List;

/** Which documents a caller may read, as a condition of SQL. A document without readers is open to everybody. */
final class ReadableBy {
    /** On the alias {@code d} of the table {@code document}; its parameters are {@link #all} and {@link #readers}. */
    static final String CONDITION = " (? OR cardinality(d.readers) = 0 OR d.readers && ?) ";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ReadableBy() {}

    static boolean all(Principal principal) {
        return principal.readsAll();
    }

    static Object readers(Principal principal) {
        return principal.readers();
    }

    /** The readers of a document, as PostgreSQL makes an array of them. */
    static String json(List<String> readers) {
        try {
            return JSON.writeValueAsString(readers);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}

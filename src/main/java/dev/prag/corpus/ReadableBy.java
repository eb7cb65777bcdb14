package dev.prag.corpus;

import dev.prag.access.Principal;

/** Which documents a caller may read, as a condition of SQL. A document without readers is open to everybody. */
final class ReadableBy {
    /** On the alias {@code d} of the table {@code document}; its parameters are {@link #all} and {@link #readers}. */
    static final String CONDITION = " (? OR cardinality(d.readers) = 0 OR d.readers && ?) ";

    private ReadableBy() {}

    static boolean all(Principal principal) {
        return principal.readsAll();
    }

    static Object readers(Principal principal) {
        return principal.readers();
    }
}

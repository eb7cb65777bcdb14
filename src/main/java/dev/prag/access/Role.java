package dev.prag.access;

/** What a caller may do at all. Roles don't include each other, but for {@link #ADMIN}. */
public enum Role {
    /** Ask questions, and read the documents that are open to the caller. */
    ASK,
    /** Add, change and delete documents. */
    WRITE,
    /** Everything, with every document. */
    ADMIN
}

package dev.prag.base;

/**
 * Something that whoever asked can mend: the message names the cause, with the word at fault in it, and the remedy. On
 * the command line it ends with exit code 2 (1 where the user is not at fault), over HTTP as a problem of a fitting
 * status; nothing was changed.
 */
public class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose fault it is, and so which exit code and HTTP status fit. */
    public enum Kind {
        /** Malformed or impossible input: exit code 2, HTTP 400 or 422. */
        BAD_INPUT,
        /** What was named doesn't exist: exit code 2, HTTP 404. */
        NOT_FOUND,
        /** Something else holds what is needed: exit code 2, HTTP 409. */
        CONFLICT,
        /** Larger than a limit: exit code 2, HTTP 413. */
        TOO_LARGE,
        /** Nobody's fault here, such as a full disk: exit code 1, HTTP 503 or 507. */
        ENVIRONMENT
    }

    private final Kind kind;

    public UserException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public UserException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** Bad input, the usual kind. */
    public UserException(String message) {
        this(Kind.BAD_INPUT, message, null);
    }

    public Kind kind() {
        return kind;
    }
}

package dev.prag.rest;

import dev.prag.base.UserException;

/** Bad input in one field of a request. */
public final class FieldException extends UserException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String code;

    /**
     * @param field as {@code messages[0].content}
     * @param code a word for programs; may be null
     */
    public FieldException(Kind kind, String message, String field, String code, Throwable cause) {
        super(kind, message, cause);
        this.field = field;
        this.code = code;
    }

    /** Bad input, the usual kind. */
    public FieldException(String message, String field) {
        this(Kind.BAD_INPUT, message, field, null, null);
    }

    public String field() {
        return field;
    }

    public String code() {
        return code;
    }
}

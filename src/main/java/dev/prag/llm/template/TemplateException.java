package dev.prag.llm.template;

import dev.prag.base.UserException;

/**
 * A chat template that can't be parsed, or can't be rendered with what was given: the message names the line of the
 * template and the cause. What a template itself raises with {@code raise_exception} comes as this, too.
 */
public final class TemplateException extends UserException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final String reason;

    private TemplateException(String reason, int line, Throwable cause) {
        super(
                Kind.BAD_INPUT,
                line > 0 ? "chat template, line " + line + ": " + reason : "chat template: " + reason,
                cause);
        this.reason = reason;
        this.line = line;
    }

    TemplateException(String reason) {
        this(reason, 0, null);
    }

    TemplateException(String reason, int line) {
        this(reason, line, null);
    }

    /** This error with its line, if none is known yet. */
    TemplateException at(int otherLine) {
        return line > 0 ? this : new TemplateException(reason, otherLine, getCause());
    }

    /** The line of the template, from 1; 0 where none is known. */
    public int line() {
        return line;
    }

    /** The cause without the line. */
    public String reason() {
        return reason;
    }
}

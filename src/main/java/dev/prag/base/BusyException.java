package dev.prag.base;

import java.time.Duration;

/** Too much is asked for at once; nothing of this was begun, and it can be asked for again in a while. */
public class BusyException extends UserException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /**
     * @param message what is busy; when to try again is added
     * @param retryAfter whole seconds, at least one
     */
    public BusyException(String message, Duration retryAfter) {
        super(Kind.ENVIRONMENT, message + "; try again in " + retryAfter.toSeconds() + " s");
        this.retryAfter = retryAfter;
    }

    /** When there is likely to be room: whole seconds, at least one. */
    public Duration retryAfter() {
        return retryAfter;
    }
}

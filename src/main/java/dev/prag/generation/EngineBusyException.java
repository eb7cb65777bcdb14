package dev.prag.generation;

import dev.prag.base.UserException;
import java.time.Duration;

/** As many requests are waiting as may wait; nothing of this one was begun. */
public class EngineBusyException extends UserException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    public EngineBusyException(int requests, Duration retryAfter) {
        super(
                Kind.ENVIRONMENT,
                "busy: " + requests + " requests are already running or waiting; try again in " + retryAfter.toSeconds()
                        + " s");
        this.retryAfter = retryAfter;
    }

    /** When a place is likely to be free: whole seconds, at least one. */
    public Duration retryAfter() {
        return retryAfter;
    }
}

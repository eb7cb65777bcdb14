package dev.prag.generation;

import dev.prag.base.BusyException;
import java.time.Duration;

/** As many requests are waiting as may wait; nothing of this one was begun. */
public class EngineBusyException extends BusyException {
    private static final long serialVersionUID = 1L;

    public EngineBusyException(int requests, Duration retryAfter) {
        super("busy: " + requests + " requests are already running or waiting", retryAfter);
    }
}

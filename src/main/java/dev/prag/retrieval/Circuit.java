package dev.prag.retrieval;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Spares who asks, and what is asked, calls that would wait in vain: after some failures in a row it is open for a while. */
final class Circuit {
    private static final int FAILURES = 3;

    private final long openNanos;
    private final LongSupplier nanos;
    private int failures;
    private long openUntil;

    Circuit(Duration open, LongSupplier nanos) {
        this.openNanos = open.toNanos();
        this.nanos = nanos;
    }

    /** Whether a call may be tried; where the while is over, one may, and the others wait for what becomes of it. */
    synchronized boolean allows() {
        if (failures < FAILURES) {
            return true;
        }
        if (nanos.getAsLong() - openUntil < 0) {
            return false;
        }
        openUntil = nanos.getAsLong() + openNanos;
        return true;
    }

    synchronized void succeeded() {
        failures = 0;
    }

    /** Returns whether it is the first failure in a row. */
    synchronized boolean failed() {
        failures++;
        openUntil = nanos.getAsLong() + openNanos;
        return failures == 1;
    }
}

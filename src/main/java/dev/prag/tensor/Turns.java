package dev.prag.tensor;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Who computes next on a device that serves and trains. Steps for which somebody waits come first: training stops before
 * its next operation, and goes on when no step has come for a moment. So that it also ends where steps follow each other
 * without a gap, it keeps a share of the time: once it has waited for nine times as long as its last operations took, it
 * may run the next one.
 *
 * <p>Nobody holds a turn: this orders operations and doesn't exclude them from each other, which is the device's part.
 * Safe for use by any threads.
 */
public final class Turns {
    /** Between two steps of one answer there is less time than this. */
    private static final long GAP_NANOS = 10_000_000;
    /** Training waits for so many times the time that it took before. */
    private static final long SHARE = 9;
    /** However long an operation took. */
    private static final long MOST_NANOS = 2_000_000_000;

    private final LongSupplier clock;
    private final ThreadLocal<Background> background = new ThreadLocal<>();
    // Guarded by this.
    private int steps;
    private long lastStep;

    /** When the work of a thread that trains last went on. */
    private static final class Background {
        long since;
    }

    public Turns() {
        this(System::nanoTime);
    }

    /** @param clock in nanoseconds */
    Turns(LongSupplier clock) {
        this.clock = clock;
        lastStep = clock.getAsLong() - GAP_NANOS;
    }

    /** Computes something that somebody waits for. */
    public <T> T first(Supplier<T> step) {
        synchronized (this) {
            steps++;
        }
        try {
            return step.get();
        } finally {
            synchronized (this) {
                steps--;
                lastStep = clock.getAsLong();
                notifyAll();
            }
        }
    }

    /** Computes something that can wait: each of its operations that {@link #pass} lets steps go before it. */
    public <T> T second(Supplier<T> work) {
        Background before = background.get();
        Background here = new Background();
        here.since = clock.getAsLong();
        background.set(here);
        try {
            return work.get();
        } finally {
            if (before == null) {
                background.remove();
            } else {
                background.set(before);
            }
        }
    }

    /** Whether the calling thread computes something that can wait. */
    public boolean isSecond() {
        return background.get() != null;
    }

    /** To be called by a device before an operation that may take long, holding nothing that a step could need. */
    public void pass() {
        Background here = background.get();
        if (here != null) {
            await(here);
        }
    }

    private synchronized void await(Background here) {
        long began = clock.getAsLong();
        long most = Math.min(SHARE * (began - here.since), MOST_NANOS);
        long now = began;
        boolean interrupted = false;
        while (now - began < most && (steps > 0 || now - lastStep < GAP_NANOS)) {
            // Until the share is due, or the gap is long enough; a step that ends begins the gap anew.
            long left = Math.min(most - (now - began), steps > 0 ? most : GAP_NANOS - (now - lastStep));
            try {
                wait(Math.max(1, left / 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
                break;
            }
            now = clock.getAsLong();
        }
        here.since = now;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

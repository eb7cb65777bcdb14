package dev.prag.answering;

import dev.prag.generation.Generation;
import dev.prag.generation.GenerationResult;
import java.time.Duration;

/** What ends an answer before its time, whether or not something is being generated: whoever asked, or the clock. */
final class Ending {
    private final long start = System.nanoTime();
    private final Duration most;
    private volatile boolean cancelled;
    private volatile boolean late;
    // Guarded by this.
    private Generation running;

    /** @param most how long it may take; null for any time */
    Ending(Duration most) {
        this.most = most;
    }

    /** Ends what is generated now and whatever would be generated later; from any thread. */
    synchronized void cancel() {
        cancelled = true;
        if (running != null) {
            running.cancel();
        }
    }

    boolean cancelled() {
        return cancelled;
    }

    /** Whether its time is over. */
    boolean late() {
        late |= most != null && System.nanoTime() - start >= most.toNanos();
        return late;
    }

    Duration most() {
        return most;
    }

    /** From now on this is what is generated. */
    synchronized void begin(Generation generation) {
        running = generation;
        if (cancelled) {
            generation.cancel();
        }
    }

    /** Waits for the end of what is generated, which comes at the latest a step after the time is over. */
    GenerationResult await(Generation generation) {
        if (most != null && !generation.await(Math.max(0, most.toNanos() - (System.nanoTime() - start)))) {
            late = true;
            generation.cancel();
        }
        try {
            return generation.join();
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }
}

package dev.prag.parameterization;

import dev.prag.base.UserException;
import dev.prag.database.DatabaseTrouble;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Writes what took long to make once it can be written: while the database is away, or the store can't take anything, it
 * is tried again, for as long as making it anew would take.
 */
final class Patience {
    private static final System.Logger LOG = System.getLogger(Patience.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Supplier<Duration> most;
    private final BooleanSupplier unwanted;
    /** When there is no time left for another attempt; null before one has failed. */
    private Long deadline;

    /**
     * @param most how long all writes together may wait; asked when the first one fails
     * @param unwanted whether nobody waits for them any more
     */
    Patience(Supplier<Duration> most, BooleanSupplier unwanted) {
        this.most = most;
        this.unwanted = unwanted;
    }

    /**
     * Runs a write that may be repeated, until it doesn't fail for what is away.
     *
     * @throws RuntimeException what the write failed with, if it isn't that, or the time is over
     */
    void write(Runnable write) {
        while (true) {
            try {
                write.run();
                return;
            } catch (RuntimeException e) {
                if (!mayPass(e) || unwanted.getAsBoolean() || !pause(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean mayPass(RuntimeException e) {
        return DatabaseTrouble.isGone(e)
                || e instanceof UserException user && user.kind() == UserException.Kind.ENVIRONMENT;
    }

    /** Whether there was time for a pause. */
    private boolean pause(RuntimeException why) {
        long now = System.nanoTime();
        if (deadline == null) {
            Duration time = most.get();
            deadline = now + time.toNanos();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "what was trained can''t be written, which is tried again for {0} s: {1}",
                    Math.max(1, time.toSeconds()),
                    DatabaseTrouble.isGone(why) ? DatabaseTrouble.reason(why) : why.getMessage());
        }
        long left = deadline - now;
        if (left <= 0) {
            return false;
        }
        try {
            Thread.sleep(Duration.ofNanos(Math.min(left, PAUSE.toNanos())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("encoding was interrupted");
        }
        return true;
    }
}

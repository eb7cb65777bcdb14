package dev.prag.rest;

import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The memory that bodies may fill together: for documents an eighth of the heap, since one is held as text, as passages
 * and as rows on its way into the database. A body takes its share as it is read and gives it back when it is done with,
 * so that many large ones wait for each other. Questions have a budget of their own: they wait for no document.
 */
@ApplicationScoped
class BodyBudget {
    private static final int KIB = 10;
    private static final int SHARE_OF_HEAP = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final long mostBytes;
    private final String settings;
    private final int kibibytes;
    private final Semaphore free;

    @Inject
    BodyBudget(@ConfigProperty(name = "prag.rest.max-body-mib") int mostMebibytes) {
        this(
                mostMebibytes * (1L << 20),
                Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP,
                "prag.rest.max-body-mib and the memory of the server");
    }

    /**
     * @param settings that bound a body, for the message
     */
    BodyBudget(long mostBytes, long budgetBytes, String settings) {
        this.settings = settings;
        this.kibibytes = (int) Math.min(Integer.MAX_VALUE, Math.max(64, budgetBytes >> KIB));
        this.mostBytes = Math.min(mostBytes, (long) kibibytes << KIB);
        // Fair, so that a large body isn't passed by small ones for ever.
        this.free = new Semaphore(kibibytes, true);
    }

    /** The largest body: what the setting allows, and not more than all bodies together may fill. */
    long mostBytes() {
        return mostBytes;
    }

    /** What is said of a body that is larger. */
    UserException tooLarge() {
        String bound = mostBytes >= 1 << 20 ? (mostBytes >> 20) + " MiB" : (mostBytes >> KIB) + " KiB";
        return new UserException(
                UserException.Kind.TOO_LARGE,
                "the request's body is larger than " + bound + "; send less at once, or raise " + settings);
    }

    /** A share of nothing yet. */
    Share share() {
        return new Share();
    }

    /** What one body fills; of one thread. */
    final class Share implements AutoCloseable {
        private int held;

        /**
         * Grows the share to so many bytes.
         *
         * @throws BusyException if others hold the memory for longer than a client waits
         */
        void grow(long bytes) {
            int wanted = (int) Math.min(kibibytes, (bytes + (1 << KIB) - 1) >> KIB);
            if (wanted <= held) {
                return;
            }
            try {
                if (!free.tryAcquire(wanted - held, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new BusyException("busy: other bodies fill the memory that there is for them", PATIENCE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BusyException("busy: the server is stopping", PATIENCE);
            }
            held = wanted;
        }

        @Override
        public void close() {
            free.release(held);
            held = 0;
        }
    }
}

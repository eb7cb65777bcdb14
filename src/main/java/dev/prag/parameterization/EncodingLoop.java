package dev.prag.parameterization;

import dev.prag.corpus.Changes;
import dev.prag.tensor.DeviceLostException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Encodes what there is and waits for more, until it is told to end. The corpus's sequence of changes wakes it, and
 * looking again now and then finds what that doesn't tell, such as passages that are tried again.
 */
@ApplicationScoped
public class EncodingLoop {
    /** After what stopped a run is not likely to be over at once, such as a full disk. */
    private static final Duration AFTER_ERROR = Duration.ofSeconds(30);
    /** Between two looks at a part of the store. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(30);

    private final Encoder encoder;
    private final StoreCheck check;
    private final Changes changes;
    private final Duration poll;
    private final CountDownLatch ending = new CountDownLatch(1);
    private long nextLook = System.nanoTime() + BETWEEN_LOOKS.toNanos();

    /** Hears what becomes of it. */
    public interface Listener extends EncodingListener {
        /** A run is through; most often it had nothing to do. */
        void onRun(EncodingSummary summary);

        /** A run was stopped by what may be over later: there will be another. */
        void onTrouble(RuntimeException trouble);

        /** The store lacks adapters. */
        void onMissing(StoreCheck.Found found);
    }

    /**
     * @param poll how often it looks for work by itself
     */
    @Inject
    public EncodingLoop(
            Encoder encoder,
            StoreCheck check,
            Changes changes,
            @ConfigProperty(name = "prag.encoder.poll", defaultValue = "2s") Duration poll) {
        this.encoder = encoder;
        this.check = check;
        this.changes = changes;
        this.poll = poll;
    }

    /**
     * Works until {@link #end}, or until the program ends.
     *
     * @throws RuntimeException if the device that computes was lost ({@link DeviceLostException#in} finds that): there is
     *     no use in another run of this process
     */
    public void run(Listener listener) {
        attempt(listener, () -> missing(listener, check.repair(false)));
        boolean going = true;
        while (going && ending.getCount() > 0 && !encoder.isEnding()) {
            going = once(listener);
        }
    }

    /** Ends it: what is being trained is finished within this time, or given back. */
    public void end(Duration grace) {
        ending.countDown();
        encoder.end(grace);
    }

    /** There is no next run; the one that is under way is the encoder's to end. */
    void stop() {
        ending.countDown();
    }

    /** Whether there is to be another. */
    private boolean once(Listener listener) {
        try {
            long[] seen = new long[1];
            boolean fine = attempt(listener, () -> {
                seen[0] = changes.last();
                listener.onRun(encoder.run(listener));
                look(listener);
            });
            if (!fine) {
                return !ending.await(AFTER_ERROR.toMillis(), TimeUnit.MILLISECONDS);
            }
            attempt(listener, () -> await(seen[0]));
            return true;
        } catch (CancellationException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void await(long seen) {
        try {
            changes.await(seen, poll);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("waiting was interrupted");
        }
    }

    private void look(Listener listener) {
        if (System.nanoTime() >= nextLook) {
            nextLook = System.nanoTime() + BETWEEN_LOOKS.toNanos();
            missing(listener, check.repair(false));
        }
    }

    private static void missing(Listener listener, StoreCheck.Found found) {
        if (found.missing() > 0) {
            listener.onMissing(found);
        }
    }

    /** Whether it went well; a cancellation goes on. */
    private static boolean attempt(Listener listener, Runnable work) {
        try {
            work.run();
            return true;
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            if (DeviceLostException.in(e).isPresent()) {
                throw e;
            }
            listener.onTrouble(e);
            return false;
        }
    }
}

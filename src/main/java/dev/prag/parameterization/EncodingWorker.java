package dev.prag.parameterization;

import dev.prag.base.UserException;
import dev.prag.base.VitalThread;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Encodes in the background of a server what comes in, if {@code prag.encoder.enabled} says so. */
@ApplicationScoped
public class EncodingWorker implements VitalThread {
    private static final System.Logger LOG = System.getLogger(EncodingWorker.class.getName());
    /** After what stopped a run is not likely to be over at once, such as a full disk. */
    private static final Duration AFTER_ERROR = Duration.ofSeconds(30);

    private final Encoder encoder;
    private final StoreCheck check;
    private final boolean enabled;
    private final Duration poll;
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile Throwable failure;

    /**
     * @param poll how often it looks for new passages
     */
    @Inject
    public EncodingWorker(
            Encoder encoder,
            StoreCheck check,
            @ConfigProperty(name = "prag.encoder.enabled", defaultValue = "false") boolean enabled,
            @ConfigProperty(name = "prag.encoder.poll", defaultValue = "2s") Duration poll) {
        this.encoder = encoder;
        this.check = check;
        this.enabled = enabled;
        this.poll = poll;
    }

    void onStart(@Observes StartupEvent event) {
        if (enabled) {
            // A thread of the system's, as it computes: it would keep a virtual one's carrier from all others.
            Thread.ofPlatform().daemon().name("prag-encoder").start(this::work);
        }
    }

    /** Before the encoder waits for its run to end: there must be no next one. */
    void onShutdown(@Observes @Priority(1) ShutdownEvent event) {
        ending.countDown();
    }

    @Override
    public String name() {
        return "encoder";
    }

    @Override
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    private void work() {
        try {
            repair();
            Duration pause = Duration.ZERO;
            while (!ending.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = runOnce() ? poll : AFTER_ERROR;
            }
        } catch (CancellationException e) {
            LOG.log(System.Logger.Level.DEBUG, "the encoder has ended: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Error e) {
            // Nothing is certain any more; the run has given back what it held, or its leases run out.
            failure = e;
            LOG.log(System.Logger.Level.ERROR, "the encoder has stopped for good", e);
        }
    }

    private void repair() {
        try {
            StoreCheck.Found found = check.repair(false);
            if (found.missing() > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} adapters that the database knows are not in the store{1}",
                        found.missing(),
                        found.pending() ? "; they are trained again" : ", and no other is: is this the right home?");
            }
        } catch (RuntimeException e) {
            // The run that follows says why.
            LOG.log(System.Logger.Level.DEBUG, "the store was not looked at", e);
        }
    }

    private boolean runOnce() {
        try {
            EncodingSummary summary = encoder.run(new Logged());
            if (summary.trained() + summary.reused() > 0) {
                LOG.log(System.Logger.Level.INFO, "encoded {0} passages", summary.trained() + summary.reused());
            }
            return true;
        } catch (CancellationException e) {
            throw e;
        } catch (UserException e) {
            LOG.log(System.Logger.Level.ERROR, "encoding stopped: {0}", e.getMessage());
            return false;
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "encoding stopped", e);
            return false;
        }
    }

    private static final class Logged implements EncodingListener {
        @Override
        public void onProgress(EncodingProgress progress) {
            LOG.log(System.Logger.Level.DEBUG, "{0}", progress);
        }

        @Override
        public void onFailed(PassageFailure failure, boolean givenUp) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "passage {0} of document {1} failed{2}: {3}",
                    failure.passage().position() + 1,
                    failure.passage().documentId(),
                    givenUp ? " and is given up" : "",
                    failure.reason());
        }
    }
}

package dev.prag.parameterization;

import dev.prag.base.UserException;
import dev.prag.base.VitalThread;
import dev.prag.tensor.DeviceLostException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Encodes in the background of a server what comes in, if {@code prag.encoder.enabled} says so. */
@ApplicationScoped
public class EncodingWorker implements VitalThread {
    private static final System.Logger LOG = System.getLogger(EncodingWorker.class.getName());

    private final EncodingLoop loop;
    private final boolean enabled;
    private volatile Throwable failure;
    private volatile EncodingProgress progress;

    @Inject
    public EncodingWorker(
            EncodingLoop loop, @ConfigProperty(name = "prag.encoder.enabled", defaultValue = "false") boolean enabled) {
        this.loop = loop;
        this.enabled = enabled;
    }

    void onStart(@Observes StartupEvent event) {
        if (enabled) {
            // A thread of the system's, as it computes: it would keep a virtual one's carrier from all others.
            Thread.ofPlatform().daemon().name("prag-encoder").start(this::work);
        }
    }

    /** Before the encoder waits for its run to end: there must be no next one. */
    void onShutdown(@Observes @Priority(1) ShutdownEvent event) {
        loop.stop();
    }

    @Override
    public String name() {
        return "encoder";
    }

    @Override
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    /** How far the run that is under way is; empty where none is. */
    public Optional<EncodingProgress> progress() {
        return Optional.ofNullable(progress);
    }

    private void work() {
        try {
            loop.run(new Logged());
        } catch (CancellationException e) {
            LOG.log(System.Logger.Level.DEBUG, "the encoder has ended: {0}", e.getMessage());
        } catch (RuntimeException e) {
            DeviceLostException lost = DeviceLostException.in(e).orElseThrow(() -> e);
            failure = lost;
            LOG.log(System.Logger.Level.ERROR, "the encoder has stopped for good: {0}", lost.getMessage());
        } catch (Error e) {
            // Nothing is certain any more; the run has given back what it held, or its leases run out.
            failure = e;
            LOG.log(System.Logger.Level.ERROR, "the encoder has stopped for good", e);
        }
    }

    private final class Logged implements EncodingLoop.Listener {
        @Override
        public void onRun(EncodingSummary summary) {
            progress = null;
            if (summary.trained() + summary.reused() > 0) {
                LOG.log(System.Logger.Level.INFO, "encoded {0} passages", summary.trained() + summary.reused());
            }
        }

        @Override
        public void onTrouble(RuntimeException trouble) {
            progress = null;
            if (trouble instanceof UserException) {
                LOG.log(System.Logger.Level.ERROR, "encoding stopped: {0}", trouble.getMessage());
            } else {
                LOG.log(System.Logger.Level.ERROR, "encoding stopped", trouble);
            }
        }

        @Override
        public void onMissing(StoreCheck.Found found) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} adapters that the database knows are not in the store{1}",
                    found.missing(),
                    found.pending() ? "; they are trained again" : ", nor is any other: is this the right store?");
        }

        @Override
        public void onProgress(EncodingProgress made) {
            progress = made;
            LOG.log(System.Logger.Level.DEBUG, "{0}", made);
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

package dev.prag.rest;

import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The time in which weights are read and the index is opened. HTTP listens from the beginning, so that probes are
 * answered meanwhile; whoever asks for more waits here, for a bounded time and without holding a thread.
 */
@Singleton
public final class Opening {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Duration patience;

    /**
     * @param role of the process; where no command has said one, the first request opens what it needs
     * @param patience how long a request waits
     */
    @Inject
    Opening(
            @ConfigProperty(name = ProcessRole.SETTING) Optional<ProcessRole> role,
            @ConfigProperty(name = "prag.rest.opening-wait", defaultValue = "60s") Duration patience) {
        this.patience = patience;
        if (role.isEmpty()) {
            done();
        }
    }

    /** Ends it: all that requests need is there. */
    public void done() {
        done.complete(null);
    }

    boolean isDone() {
        return done.isDone();
    }

    /** Continues the request once the time is over, or refuses it where that takes too long. */
    void await(RoutingContext request, Runnable refuse) {
        Vertx vertx = request.vertx();
        var context = vertx.getOrCreateContext();
        long timer = vertx.setTimer(Math.max(1, patience.toMillis()), late -> refuse.run());
        done.thenRun(() -> context.runOnContext(opened -> {
            if (vertx.cancelTimer(timer) && !request.response().closed()) {
                request.next();
            }
        }));
    }
}

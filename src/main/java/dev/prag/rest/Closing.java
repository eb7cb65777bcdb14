package dev.prag.rest;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The end of a service that was told to: for {@code quarkus.shutdown.delay} it still takes requests, then none that is
 * new, so that those under way have the rest of the time to themselves.
 */
@Singleton
public final class Closing {
    private final Duration delay;
    private volatile Long begun;

    @Inject
    Closing(@ConfigProperty(name = "quarkus.shutdown.delay") Optional<Duration> delay) {
        this.delay = delay.orElse(Duration.ZERO);
    }

    /** Begins it. */
    public void begin() {
        begun = System.nanoTime();
    }

    /** Whether new requests are refused. */
    boolean refuses() {
        Long since = begun;
        return since != null && System.nanoTime() - since >= delay.toNanos();
    }
}

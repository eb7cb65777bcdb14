package dev.prag.rest;

import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import dev.prag.corpus.DocumentListing;
import dev.prag.corpus.EncodingState;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Answers a request with documents, at once or when their passages are encoded, as {@code wait} says. */
@Singleton
final class EncodingWait {
    private static final String READY = "ready";
    private static final int STANDARD_SECONDS = 60;
    private static final int MOST_SECONDS = 600;
    /** Requests that wait at the same time. */
    private static final int MOST_WAITING = 256;

    private static final Duration BETWEEN = Duration.ofMillis(250);
    /** Of a database's time, what looking may take: for many passages it is done seldomer. */
    private static final int SHARE = 20;

    private final DocumentListing listing;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Semaphore places = new Semaphore(MOST_WAITING);

    @Inject
    EncodingWait(DocumentListing listing, ModelRuntime runtime, Recipes recipes) {
        this.listing = listing;
        this.runtime = runtime;
        this.recipes = recipes;
    }

    /**
     * Refuses what is wrong with the parameters, before anything is kept.
     *
     * @param wait null or blank where nobody waits
     */
    static void check(String wait, String timeout) {
        if (isAsked(wait)) {
            seconds(timeout);
        }
    }

    private static boolean isAsked(String wait) {
        if (wait == null || wait.isBlank()) {
            return false;
        }
        if (!READY.equals(wait)) {
            throw new UserException("wait is \"" + wait + "\"; give ready, or leave it out");
        }
        return true;
    }

    private static int seconds(String timeout) {
        if (timeout == null || timeout.isBlank()) {
            return STANDARD_SECONDS;
        }
        try {
            int seconds = Integer.parseInt(timeout.strip());
            if (seconds >= 0 && seconds <= MOST_SECONDS) {
                return seconds;
            }
            throw new UserException("timeout " + seconds + " is not from 0 to " + MOST_SECONDS + " seconds");
        } catch (NumberFormatException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "timeout is \"" + timeout + "\", which is not a number of seconds; give one up to " + MOST_SECONDS,
                    e);
        }
    }

    /** 200 when nothing more becomes of the passages, else 202. */
    Response answer(Accepted accepted, String wait, String timeout, RoutingContext http) {
        if (!isAsked(wait)) {
            return Response.accepted(accepted).build();
        }
        if (!places.tryAcquire()) {
            throw new BusyException(
                    "busy: " + MOST_WAITING + " requests wait for their passages already; the documents are kept",
                    Duration.ofSeconds(seconds(timeout)));
        }
        try {
            return await(accepted, seconds(timeout), http);
        } finally {
            places.release();
        }
    }

    private Response await(Accepted accepted, int seconds, RoutingContext http) {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        CompletableFuture<Void> gone = RequestGate.ended(http);
        while (true) {
            long before = System.nanoTime();
            Map<EncodingState, Long> states = listing.states(
                    accepted.ids(), runtime.modelId(), recipes.current().hash());
            boolean open = states.containsKey(EncodingState.PENDING) || states.containsKey(EncodingState.LEASED);
            long now = System.nanoTime();
            if (!open || now >= end) {
                return Response.status(open ? Response.Status.ACCEPTED : Response.Status.OK)
                        .entity(accepted.with(states))
                        .build();
            }
            try {
                gone.get(
                        Math.min(end - now, Math.max(BETWEEN.toNanos(), SHARE * (now - before))), TimeUnit.NANOSECONDS);
                // Nobody is there to be answered.
                end = now;
            } catch (TimeoutException e) {
                continue;
            } catch (InterruptedException | ExecutionException e) {
                throw new BusyException("busy: the server is stopping; the documents are kept", BETWEEN);
            }
        }
    }
}

package dev.prag.generation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request that was accepted. */
public final class Generation {
    private final CompletableFuture<GenerationResult> outcome = new CompletableFuture<>();
    private volatile boolean cancelled;

    Generation() {}

    /**
     * Ends the request before its next step, with what it has so far and {@link Finish#CANCELLED}; its cache blocks are
     * free then. Does nothing once it has ended. From any thread.
     */
    public void cancel() {
        cancelled = true;
    }

    /**
     * Waits for the end; never to be called from a {@link TokenListener}.
     *
     * @throws RuntimeException what the request failed with
     */
    public GenerationResult join() {
        try {
            return outcome.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Waits so many nanoseconds for the end; whether it has come. Never to be called from a {@link TokenListener}. */
    public boolean await(long nanos) {
        try {
            outcome.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            // What it failed with is for whoever joins it.
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return isDone();
        }
    }

    /** Whether it has ended, in whichever way. */
    public boolean isDone() {
        return outcome.isDone();
    }

    boolean cancelled() {
        return cancelled;
    }

    void complete(GenerationResult result) {
        outcome.complete(result);
    }

    void fail(RuntimeException error) {
        outcome.completeExceptionally(error);
    }
}

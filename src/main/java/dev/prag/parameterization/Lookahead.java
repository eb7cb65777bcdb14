package dev.prag.parameterization;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What one thread will need next, made on another one while it is busy: one thing at a time. Begun and got by one
 * thread.
 */
final class Lookahead<T> implements AutoCloseable {
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("prag-encoder-ahead").factory());
    private volatile boolean closed;
    private Future<T> begun;

    void begin(Callable<T> task) {
        if (begun != null) {
            throw new IllegalStateException("what was begun before has not been got");
        }
        begun = threads.submit(task);
    }

    /** Whether there is something to get. */
    boolean isBegun() {
        return begun != null;
    }

    /** Waits for what was begun, and throws what it threw. */
    T get() {
        Future<T> next = begun;
        begun = null;
        try {
            return next.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("encoding was interrupted");
        }
    }

    /** Whether what is under way is no longer wanted; tasks ask. */
    boolean isClosed() {
        return closed;
    }

    /** Waits until the task that is under way has ended. */
    @Override
    public void close() {
        // Not by an interrupt, which would close the task's database connection.
        closed = true;
        threads.close();
    }
}

package dev.prag.evaluation;

import dev.prag.base.UserException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Does work for each of a list of questions, some at a time. */
final class Asking {
    /** As many as may wait for the engine by default. */
    static final int MOST = 256;

    private Asking() {}

    static int checked(int concurrency) {
        if (concurrency < 1 || concurrency > MOST) {
            throw new UserException("concurrency is " + concurrency + "; give a number from 1 to " + MOST);
        }
        return concurrency;
    }

    /** Calls the work with each index; where one fails no further one is begun, and the first failure is thrown. */
    static void all(int[] indices, int concurrency, IntConsumer work) {
        if (concurrency == 1) {
            IntStream.of(indices).forEach(work);
            return;
        }
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable some = () -> {
            try {
                for (int i = next.getAndIncrement(); i < indices.length && failure.get() == null; ) {
                    work.accept(indices[i]);
                    i = next.getAndIncrement();
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        };
        Thread[] threads = IntStream.range(0, Math.min(concurrency, indices.length))
                .mapToObj(i ->
                        Thread.ofPlatform().daemon().name("prag-asking-" + i).start(some))
                .toArray(Thread[]::new);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                    failure.compareAndSet(null, new IllegalStateException("asking was interrupted", e));
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}

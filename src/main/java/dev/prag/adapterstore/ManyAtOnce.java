package dev.prag.adapterstore;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** Asks a service for several things at the same time. */
final class ManyAtOnce {
    private static final int MOST = 16;

    private ManyAtOnce() {}

    /** What the calls give, by id, in the order of the ids; the first failure is thrown, once all have ended. */
    static <T> Map<String, T> of(Collection<String> ids, Function<String, Optional<T>> call) {
        Map<String, CompletableFuture<Optional<T>>> calls = new LinkedHashMap<>();
        Semaphore places = new Semaphore(MOST);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String id : ids) {
                calls.put(
                        id,
                        CompletableFuture.supplyAsync(
                                () -> {
                                    places.acquireUninterruptibly();
                                    try {
                                        return call.apply(id);
                                    } finally {
                                        places.release();
                                    }
                                },
                                threads));
            }
        }
        Map<String, T> found = new LinkedHashMap<>();
        calls.forEach((id, result) -> {
            try {
                result.join().ifPresent(value -> found.put(id, value));
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        });
        return found;
    }
}

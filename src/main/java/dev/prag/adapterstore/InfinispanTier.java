package dev.prag.adapterstore;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.infinispan.commons.api.BasicCache;

/** A cache of Infinispan, in this process or in a server. */
final class InfinispanTier implements HotTier {
    private final BasicCache<String, byte[]> cache;
    private final Duration lifespan;
    private final Duration timeout;
    private final Supplier<Held> held;
    private final Runnable close;

    /**
     * @param timeout how long a call waits
     * @param close ends what the cache belongs to
     */
    InfinispanTier(
            BasicCache<String, byte[]> cache,
            Duration lifespan,
            Duration timeout,
            Supplier<Held> held,
            Runnable close) {
        this.cache = cache;
        this.lifespan = lifespan;
        this.timeout = timeout;
        this.held = held;
        this.close = close;
    }

    @Override
    public byte[] get(String id) throws TimeoutException, InterruptedException {
        return await(cache.getAsync(id));
    }

    @Override
    public void put(String id, byte[] bytes) throws TimeoutException, InterruptedException {
        await(cache.putAsync(id, bytes, lifespan.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public void remove(String id) throws TimeoutException, InterruptedException {
        await(cache.removeAsync(id));
    }

    private <T> T await(Future<T> result) throws TimeoutException, InterruptedException {
        try {
            return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            result.cancel(true);
            throw e;
        }
    }

    @Override
    public Held held() {
        return held.get();
    }

    @Override
    public void close() {
        close.run();
    }
}

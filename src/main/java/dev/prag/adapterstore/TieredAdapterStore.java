package dev.prag.adapterstore;

import dev.prag.base.Hashes;
import dev.prag.base.NativeImage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store that lasts, and a hot tier above it that holds copies of what was read. What is asked for with its checksum
 * comes from the hot tier where that has it, and is checked; without one there is no way to tell whether a copy is still
 * what was put, so that it comes from below. Who asks for what another one is reading shares it. That nothing is there
 * is never remembered.
 */
public final class TieredAdapterStore implements AdapterStore, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TieredAdapterStore.class.getName());

    private final GuardedTier hot;
    private final AdapterStore below;
    private final TierMetrics metrics;
    private final OwnCopies own = new OwnCopies();
    private final Map<AdapterRef, CompletableFuture<Optional<byte[]>>> reading = new ConcurrentHashMap<>();

    /** @param hot closed with this */
    TieredAdapterStore(GuardedTier hot, AdapterStore below, TierMetrics metrics) {
        this.hot = hot;
        this.below = below;
        this.metrics = metrics;
        metrics.holds("hot", hot::held);
    }

    /**
     * With Infinispan in this process, where that is a JVM.
     *
     * @param mib memory for it
     */
    public static TieredAdapterStore embedded(AdapterStore below, long mib) {
        GuardedTier hot = NativeImage.isRunning()
                ? GuardedTier.off()
                : new GuardedTier(
                        () -> EmbeddedTier.local(mib, Duration.ofDays(1), Duration.ofSeconds(1), null), false);
        return new TieredAdapterStore(hot, below, new TierMetrics(new SimpleMeterRegistry()));
    }

    /** Waits until the hot tier is open, if it is being opened, and nothing is being copied into it. */
    public void awaitQuiet() throws InterruptedException {
        hot.awaitQuiet();
    }

    @Override
    public void open() {
        hot.openBeside();
    }

    /** The copy, if there is one, is another one then, which its checksum tells. */
    @Override
    public String put(String id, byte[] bytes) {
        return below.put(id, bytes);
    }

    @Override
    public Optional<byte[]> get(String id) {
        return below.get(id);
    }

    @Override
    public Optional<byte[]> get(String id, String checksum) {
        AdapterRef wanted = new AdapterRef(AdapterId.require(id), checksum);
        CompletableFuture<Optional<byte[]>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<byte[]>> other = reading.putIfAbsent(wanted, mine);
        if (other != null) {
            return result(other);
        }
        try {
            mine.complete(read(wanted));
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
        } finally {
            reading.remove(wanted, mine);
        }
        return result(mine);
    }

    private static Optional<byte[]> result(CompletableFuture<Optional<byte[]>> reading) {
        try {
            return reading.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    private Optional<byte[]> read(AdapterRef wanted) {
        byte[] copy = hot.isOn() ? metrics.reading("hot", () -> copy(wanted)) : null;
        if (copy != null) {
            return Optional.of(copy);
        }
        byte[] read = metrics.reading(
                "durable", () -> below.get(wanted.id(), wanted.checksum()).orElse(null));
        if (read == null) {
            return Optional.empty();
        }
        if (hot.takes()) {
            own.note(wanted, read);
            hot.putBeside(wanted.id(), read, () -> isKept(wanted.id()));
        }
        return Optional.of(read);
    }

    private byte[] copy(AdapterRef wanted) {
        byte[] copy = hot.get(wanted.id());
        if (copy == null
                || (!hot.isShared() && own.areRight(wanted, copy))
                || Hashes.sha256(copy).equals(wanted.checksum())) {
            return copy;
        }
        LOG.log(
                System.Logger.Level.DEBUG,
                "the copy of adapter {0} in the hot tier is damaged, or older than what is asked for",
                wanted.id());
        hot.remove(wanted.id());
        return null;
    }

    /** Whoever deletes it takes the copy out after it is gone below: a copy that came later is found by this look. */
    private boolean isKept(String id) {
        try {
            return below.stat(id).isPresent();
        } catch (RuntimeException e) {
            return false;
        }
    }

    @Override
    public Map<String, byte[]> getAll(Map<String, String> checksums) {
        return ManyAtOnce.of(checksums.keySet(), id -> get(id, checksums.get(id)));
    }

    @Override
    public Optional<Stat> stat(String id) {
        return below.stat(id);
    }

    @Override
    public Map<String, Stat> statAll(Collection<String> ids) {
        return below.statAll(ids);
    }

    @Override
    public boolean isDamaged(String id) {
        return below.isDamaged(id);
    }

    @Override
    public boolean isCached(String id) {
        return hot.isOpen() && hot.get(id) != null;
    }

    @Override
    public boolean delete(String id) {
        try {
            return below.delete(id);
        } finally {
            hot.remove(id);
        }
    }

    @Override
    public List<Entry> list() {
        return below.list();
    }

    @Override
    public String claim(String corpusId) {
        return below.claim(corpusId);
    }

    @Override
    public void close() {
        hot.close();
    }
}

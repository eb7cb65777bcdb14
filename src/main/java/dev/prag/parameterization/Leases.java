package dev.prag.parameterization;

import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.TextSelection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The passages that one run of an encoder holds, renewed by a thread until closed, and then given back. Safe for use by
 * several threads.
 */
final class Leases implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Leases.class.getName());

    private final EncodingQueue queue;
    private final String owner = UUID.randomUUID().toString();
    private final Duration length;
    /** By row; a passage that failed and was leased anew is not equal to what it was, having one more attempt. */
    private final Map<Long, LeasedPassage> held = new ConcurrentHashMap<>();

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread heartbeat;

    Leases(EncodingQueue queue, Duration length) {
        this.queue = queue;
        this.length = length;
        // A thread of the system's: virtual ones wait for a carrier while others compute.
        heartbeat = Thread.ofPlatform().daemon().name("prag-encoder-heartbeat").start(this::renew);
    }

    String owner() {
        return owner;
    }

    List<LeasedPassage> take(String model, String recipe, TextSelection texts, int most) {
        List<LeasedPassage> leased = queue.lease(model, recipe, texts, most, owner, length);
        leased.forEach(passage -> held.put(passage.encodingId(), passage));
        return leased;
    }

    /** Those that are pending and without an augmentation under the key, behind the row {@code after}. */
    List<LeasedPassage> takeUnaugmented(
            String model, String recipe, TextSelection texts, String key, long after, int most) {
        List<LeasedPassage> leased = queue.leaseUnaugmented(model, recipe, texts, key, after, most, owner, length);
        leased.forEach(passage -> held.put(passage.encodingId(), passage));
        return leased;
    }

    /** Gives back all that is held. */
    void giveBack() {
        held.clear();
        queue.release(owner);
    }

    /** Whether the passage is still ours, as far as the last heartbeat knows. */
    boolean holds(LeasedPassage passage) {
        return passage.equals(held.get(passage.encodingId()));
    }

    void done(LeasedPassage passage) {
        held.remove(passage.encodingId(), passage);
    }

    private void renew() {
        try {
            // Three beats may be missed before a lease runs out.
            while (!closed.await(length.toMillis() / 4, TimeUnit.MILLISECONDS)) {
                if (!held.isEmpty()) {
                    beat();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void beat() {
        List<LeasedPassage> before = List.copyOf(held.values());
        try {
            Set<Long> renewed = Set.copyOf(queue.heartbeat(owner, length));
            before.stream()
                    .filter(passage -> !renewed.contains(passage.encodingId()))
                    .forEach(this::done);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "leases are not renewed now: {0}", e.getMessage());
        }
    }

    @Override
    public void close() {
        // Not by an interrupt, which would close the database connection under a beat.
        closed.countDown();
        try {
            heartbeat.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            queue.release(owner);
        } catch (RuntimeException e) {
            // They run out by themselves.
            LOG.log(System.Logger.Level.WARNING, "leases are not given back: {0}", e.getMessage());
        }
    }
}

package dev.prag.runtime;

import dev.prag.base.BusyException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Who waits for room: in the order of asking, so that no stream of small requests keeps a large one out. Whoever is first
 * tries again each time that somebody gives room, and holds none meanwhile, so that no two wait for each other.
 */
final class RoomQueue {
    private final Duration patience;
    private final ReentrantLock first = new ReentrantLock(true);
    /** How often room was given; guarded by this. */
    private long given;

    RoomQueue(Duration patience) {
        this.patience = patience;
    }

    /** Whether somebody waits, before whom nobody may take what there is. */
    boolean isUsed() {
        return first.isLocked() || first.hasQueuedThreads();
    }

    /**
     * What the attempt gives in the end.
     *
     * @throws BusyException if it gives nothing for too long, or the thread is interrupted
     */
    <T> T await(Supplier<Optional<T>> attempt) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            if (!first.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy();
            }
            try {
                while (true) {
                    long before = given();
                    Optional<T> result = attempt.get();
                    if (result.isPresent()) {
                        return result.get();
                    }
                    awaitRoom(before, end);
                }
            } finally {
                first.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        }
    }

    private synchronized long given() {
        return given;
    }

    private synchronized void awaitRoom(long before, long end) throws InterruptedException {
        while (given == before) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw busy();
            }
            wait(left);
        }
    }

    /** Somebody gave room. */
    synchronized void roomGiven() {
        given++;
        notifyAll();
    }

    private BusyException busy() {
        return new BusyException(
                "busy: adapters that other answers use fill the memory for them (prag.adapters.resident-mib)",
                Duration.ofSeconds(Math.clamp(patience.toSeconds(), 1, 30)));
    }
}

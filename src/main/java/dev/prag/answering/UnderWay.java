package dev.prag.answering;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** The answers that have begun and not ended. */
final class UnderWay {
    /** Guarded by this. */
    private final Set<One> running = new HashSet<>();

    /** An answer, from its begin until it is closed. */
    final class One implements AutoCloseable {
        @Override
        public void close() {
            end(this);
        }
    }

    synchronized One begin() {
        One one = new One();
        running.add(one);
        return one;
    }

    private synchronized void end(One one) {
        running.remove(one);
        notifyAll();
    }

    /**
     * Waits for those that run now.
     *
     * @return how many of them have not ended in time
     */
    synchronized int await(Duration most) throws InterruptedException {
        Set<One> before = new HashSet<>(running);
        long end = System.nanoTime() + most.toNanos();
        while (true) {
            before.retainAll(running);
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (before.isEmpty() || millis <= 0) {
                return before.size();
            }
            wait(millis);
        }
    }
}

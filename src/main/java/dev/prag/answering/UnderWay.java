package dev.prag.answering;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/** The answers that have begun and not ended, and what they rest on. */
final class UnderWay {
    /** Guarded by this. */
    private final Set<One> running = new HashSet<>();

    /** An answer, from its begin until it is closed. */
    final class One implements AutoCloseable {
        private final Set<String> passages = new HashSet<>();

        /** Takes note of passages before anything of them is read. */
        void found(Collection<String> passageIds) {
            synchronized (UnderWay.this) {
                passages.addAll(passageIds);
            }
        }

        @Override
        public void close() {
            synchronized (UnderWay.this) {
                running.remove(this);
                UnderWay.this.notifyAll();
            }
        }
    }

    synchronized One begin() {
        One one = new One();
        running.add(one);
        return one;
    }

    /**
     * Waits for those that run now and have found one of the passages.
     *
     * @return how many of them have not ended in time
     */
    synchronized int await(Collection<String> passageIds, Duration most) throws InterruptedException {
        Set<One> before = new HashSet<>(running);
        before.removeIf(one -> Collections.disjoint(one.passages, passageIds));
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

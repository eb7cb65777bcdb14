package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
    private static final long SECOND = 1_000_000_000;

    /** Stands still unless a test moves it. */
    private final AtomicLong clock = new AtomicLong(5 * SECOND);

    private final Turns turns = new Turns(clock::get);

    @Test
    void alone_trainingWaitsForNobody() {
        assertEquals(3, turns.second(() -> {
            int passed = 0;
            for (int i = 0; i < 3; i++) {
                clock.addAndGet(SECOND);
                turns.pass();
                passed++;
            }
            return passed;
        }));
    }

    @Test
    void trainingStopsWhileAStepRuns_andGoesOnAfterAGap() throws Exception {
        CountDownLatch stepRuns = new CountDownLatch(1);
        CountDownLatch stepMayEnd = new CountDownLatch(1);
        AtomicInteger passed = new AtomicInteger();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> step = threads.submit(() -> turns.first(() -> {
                stepRuns.countDown();
                return await(stepMayEnd);
            }));
            assertTrue(stepRuns.await(10, TimeUnit.SECONDS));
            CountDownLatch training = new CountDownLatch(1);
            Future<?> work = threads.submit(() -> turns.second(() -> {
                clock.addAndGet(SECOND / 100);
                training.countDown();
                turns.pass();
                return passed.incrementAndGet();
            }));
            assertTrue(training.await(10, TimeUnit.SECONDS));
            Thread.sleep(50);
            assertEquals(0, passed.get());
            stepMayEnd.countDown();
            step.get();
            Thread.sleep(50);
            assertFalse(work.isDone());
            // The step has ended, and no other has come: a hundredth of a second later it goes on.
            clock.addAndGet(SECOND / 100);
            work.get();
        }
        assertEquals(1, passed.get());
    }

    @Test
    void trainingKeepsAShareWhereStepsNeverEnd() throws Exception {
        CountDownLatch stepRuns = new CountDownLatch(1);
        CountDownLatch stepMayEnd = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> step = threads.submit(() -> turns.first(() -> {
                stepRuns.countDown();
                return await(stepMayEnd);
            }));
            assertTrue(stepRuns.await(10, TimeUnit.SECONDS));
            CountDownLatch training = new CountDownLatch(1);
            Future<?> work = threads.submit(() -> turns.second(() -> {
                // An operation took a hundredth of a second: its share is due after nine of them.
                clock.addAndGet(SECOND / 100);
                training.countDown();
                turns.pass();
                return null;
            }));
            assertTrue(training.await(10, TimeUnit.SECONDS));
            // The thread may not wait yet, in which case it waits for longer by this clock.
            while (!work.isDone()) {
                clock.addAndGet(SECOND / 100);
                Thread.sleep(5);
            }
            work.get();
            assertFalse(step.isDone());
            stepMayEnd.countDown();
            step.get();
        }
    }

    @Test
    void whoDoesNotTrainWaitsForNobody() {
        turns.first(() -> {
            turns.pass();
            return null;
        });
        turns.first(() -> turns.first(() -> null));
        turns.second(() -> turns.second(() -> {
            turns.pass();
            return null;
        }));
    }

    private static Void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return null;
    }
}

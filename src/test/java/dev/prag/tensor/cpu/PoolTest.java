package dev.prag.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class PoolTest {
    @Test
    void everyElementAndEveryTaskIsTakenOnce() {
        try (Pool pool = new Pool(3)) {
            for (int n : new int[] {0, 1, 2, 3, 10, 1000}) {
                AtomicIntegerArray elements = new AtomicIntegerArray(n);
                AtomicIntegerArray tasks = new AtomicIntegerArray(n);
                pool.ranges(n, 2, (from, to) -> {
                    for (int i = from; i < to; i++) {
                        elements.incrementAndGet(i);
                    }
                });
                pool.tasks(n, true, (task, slot) -> tasks.incrementAndGet(task));
                int[] once = new int[n];
                Arrays.fill(once, 1);
                assertArrayEquals(once, values(elements));
                assertArrayEquals(once, values(tasks));
            }
        }
    }

    private static int[] values(AtomicIntegerArray array) {
        int[] values = new int[array.length()];
        Arrays.setAll(values, array::get);
        return values;
    }

    @Test
    void aFailureReachesTheCallerAndTheNextJobRuns() {
        try (Pool pool = new Pool(3)) {
            for (int failing = 0; failing < 3; failing++) {
                int bad = failing;
                IllegalStateException thrown = assertThrows(
                        IllegalStateException.class,
                        () -> pool.all(slot -> {
                            if (slot == bad) {
                                throw new IllegalStateException("slot " + slot);
                            }
                        }));
                assertEquals("slot " + bad, thrown.getMessage());
                AtomicInteger ran = new AtomicInteger();
                pool.all(slot -> ran.incrementAndGet());
                assertEquals(3, ran.get());
            }
        }
    }

    @Test
    void parkedThreadsWakeAndCloseEndsThem() throws InterruptedException {
        Pool pool = new Pool(2);
        AtomicInteger ran = new AtomicInteger();
        Thread[] worker = new Thread[1];
        for (int i = 0; i < 3; i++) {
            pool.all(slot -> {
                ran.incrementAndGet();
                if (slot == 1) {
                    worker[0] = Thread.currentThread();
                }
            });
            // Longer than a waiting thread spins.
            Thread.sleep(2);
        }
        assertEquals(6, ran.get());
        pool.close();
        assertEquals(Thread.State.TERMINATED, worker[0].getState());
    }

    @Test
    void aClosedPoolRefusesInsteadOfWaiting() {
        for (int threads = 1; threads <= 3; threads++) {
            Pool pool = new Pool(threads);
            pool.close();
            assertThrows(IllegalStateException.class, () -> pool.all(slot -> {}));
        }
    }

    @Test
    void anErrorReachesTheCallerAndTheThreadsLive() {
        try (Pool pool = new Pool(2)) {
            assertThrows(
                    OutOfMemoryError.class,
                    () -> pool.all(slot -> {
                        if (slot == 1) {
                            throw new OutOfMemoryError("tried");
                        }
                    }));
            AtomicInteger ran = new AtomicInteger();
            pool.all(slot -> ran.incrementAndGet());
            assertEquals(2, ran.get());
        }
    }
}

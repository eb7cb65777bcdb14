package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.BusyException;
import dev.prag.lora.AdapterCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who waits: for room, for what others load, and for the end. */
class ResidencyWaitingTest extends ResidencySetup {
    @Test
    void whoFindsNoRoomWaitsUntilSomebodyGivesSome() throws Exception {
        AdapterResidency.Handle a = acquire("a").orElseThrow();
        AdapterResidency.Handle b = acquire("b").orElseThrow();
        FutureTask<AdapterResidency.Handle> waiting =
                new FutureTask<>(() -> acquire("c").orElseThrow());
        Thread thread = Thread.ofVirtual().start(waiting);
        awaitWaiting(thread);
        FutureTask<AdapterResidency.Handle> behind =
                new FutureTask<>(() -> acquire("a").orElseThrow());
        Thread second = Thread.ofVirtual().start(behind);
        awaitWaiting(second);
        assertFalse(behind.isDone(), "in the order of asking, even for what is there");
        b.close();
        assertOnDevice(waiting.get());
        assertSame(a.adapter(), behind.get().adapter());
    }

    @Test
    void whoWaitsHoldsNothing() throws Exception {
        AdapterResidency.Handle a = acquire("a").orElseThrow();
        FutureTask<List<Acquired>> waiting = new FutureTask<>(() -> acquire(List.of("b", "c")));
        Thread thread = Thread.ofVirtual().start(waiting);
        awaitWaiting(thread);
        assertEquals(1, residency.inUse(), "b was there and was given back");
        a.close();
        waiting.get().forEach(acquired -> acquired.orElseThrow().close());
    }

    @Test
    void whoWaitsForTooLongIsToldWhenToComeBack() {
        residency.close();
        slab = slab();
        residency = residency(Duration.ofMillis(20));
        AdapterResidency.Handle a = acquire("a").orElseThrow();
        AdapterResidency.Handle b = acquire("b").orElseThrow();
        BusyException busy = assertThrows(BusyException.class, () -> acquire(List.of("a", "c")));
        assertTrue(busy.getMessage().contains("prag.adapters.resident-mib"), busy.getMessage());
        assertTrue(busy.retryAfter().toSeconds() >= 1);
        assertEquals(2, residency.inUse());
        a.close();
        assertEquals(1, residency.inUse(), "it held nothing when it went");
        acquire("c").orElseThrow().close();
        b.close();
    }

    @Test
    void whoIsInterruptedGoes() throws Exception {
        acquire("a").orElseThrow();
        acquire("b").orElseThrow();
        FutureTask<Acquired> waiting = new FutureTask<>(() -> acquire("c"));
        Thread thread = Thread.ofVirtual().start(waiting);
        awaitWaiting(thread);
        thread.interrupt();
        ExecutionException gone = assertThrows(ExecutionException.class, waiting::get);
        assertInstanceOf(BusyException.class, gone.getCause());
        assertEquals(2, residency.inUse());
    }

    @Test
    void whoWaitsIsToldThatItIsClosed() throws Exception {
        acquire("a").orElseThrow();
        acquire("b").orElseThrow();
        FutureTask<Acquired> waiting = new FutureTask<>(() -> acquire("c"));
        awaitWaiting(Thread.ofVirtual().start(waiting));
        residency.close();
        ExecutionException closed = assertThrows(ExecutionException.class, waiting::get);
        assertInstanceOf(IllegalStateException.class, closed.getCause());
    }

    @Test
    void ofMoreThanAllTheRoomTheFirstOnesAreThere() throws Exception {
        List<Acquired> alone = acquire(List.of("a", "b", "a", "c"));
        assertEquals(
                Arrays.asList(null, null, null, AdapterAbsence.FULL),
                alone.stream().map(Acquired::absence).toList());
        alone.getFirst().handle().close();
        alone.get(2).handle().close();

        FutureTask<List<Acquired>> waiting = new FutureTask<>(() -> acquire(List.of("c", "a", "b")));
        awaitWaiting(Thread.ofVirtual().start(waiting));
        alone.get(1).handle().close();
        assertEquals(
                Arrays.asList(null, null, AdapterAbsence.FULL),
                waiting.get().stream().map(Acquired::absence).toList(),
                "it waits for the room that it can have");
    }

    @Test
    void severalAreFetchedSideBySide() {
        CountDownLatch both = new CountDownLatch(2);
        onGet = id -> {
            both.countDown();
            await(both);
        };
        assertTrue(acquire(List.of("a", "b")).stream().allMatch(Acquired::isPresent));
    }

    @Test
    void whoAsksForWhatIsBeingLoadedWaitsForItAndNobodyElseDoes() throws Exception {
        acquire("b").orElseThrow().close();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        onGet = id -> {
            assertEquals(1, begun.getCount(), "it is loaded once");
            begun.countDown();
            await(goOn);
        };
        FutureTask<AdapterResidency.Handle> first =
                new FutureTask<>(() -> acquire("a").orElseThrow());
        FutureTask<AdapterResidency.Handle> second =
                new FutureTask<>(() -> acquire("a").orElseThrow());
        Thread.ofVirtual().start(first);
        await(begun);
        Thread waiting = Thread.ofVirtual().start(second);
        while (waiting.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        acquire("b").orElseThrow().close();
        assertEquals(1, residency.size());
        goOn.countDown();
        assertSame(first.get().adapter(), second.get().adapter());
        first.get().close();
        assertEquals(1, residency.inUse());
        second.get().close();
        assertEquals(0, residency.inUse());
    }

    @Test
    void closingWaitsForWhatIsBeingLoaded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        onGet = id -> {
            begun.countDown();
            await(goOn);
        };
        FutureTask<Boolean> load = new FutureTask<>(() -> acquire("a").isPresent());
        Thread.ofVirtual().start(load);
        await(begun);
        Thread closing = Thread.ofVirtual().start(residency::close);
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        assertTrue(load.get());
        closing.join();
        assertThrows(IllegalStateException.class, () -> acquire("a"));
    }

    /** More threads and adapters than there is room for; what is held must stay what it is. */
    @Test
    void manyThreads() throws Exception {
        Map<String, AtomicInteger> loading = new ConcurrentHashMap<>();
        onGet = id -> {
            AtomicInteger now = loading.computeIfAbsent(id, any -> new AtomicInteger());
            assertEquals(1, now.incrementAndGet(), "it is loaded once");
            Thread.yield();
            now.decrementAndGet();
        };
        List<String> ids = List.of("a", "b", "c", "d", "e");
        ids.forEach(id -> stored.put(id, AdapterCodec.encode(adapter(shape, id.charAt(0)), Map.of())));
        int threadCount = 6;
        try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int thread = 0; thread < threadCount; thread++) {
                Random random = new Random(thread);
                counts.add(threads.submit(() -> {
                    int held = 0;
                    for (int i = 0; i < 300; i++) {
                        List<String> wanted = random.ints(1 + random.nextInt(2), 0, ids.size())
                                .mapToObj(ids::get)
                                .toList();
                        for (Acquired acquired : acquire(wanted)) {
                            if (acquired.isPresent()) {
                                held++;
                                assertOnDevice(acquired.handle());
                                acquired.handle().close();
                            }
                        }
                    }
                    return held;
                }));
            }
            for (Future<Integer> count : counts) {
                assertTrue(count.get() > 0);
            }
        }
        assertEquals(0, residency.inUse());
        onGet = id -> {};
        assertTrue(acquire(List.of("a", "b")).stream().allMatch(Acquired::isPresent), "every place was given back");
    }

    /** Until it waits for room, which is for a time; whoever waits for what is being loaded just waits. */
    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS), "it doesn't come");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.AdapterRef;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.base.BusyException;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.plain.PlainDevice;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdapterResidencyTest {
    private static final Set<Projection> TARGETS = EnumSet.of(Projection.GATE);

    private final PlainDevice device = new PlainDevice();
    private final DecoderShape shape = shape(8);
    private final Map<String, byte[]> stored = new TreeMap<>();
    private final Set<String> damaged = new HashSet<>();
    private volatile Consumer<String> onGet = id -> {};
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private AdapterSlab slab;
    private AdapterResidency residency;

    @BeforeEach
    void roomForTwo() {
        for (String id : List.of("a", "b", "c")) {
            stored.put(id, AdapterCodec.encode(adapter(shape, id.charAt(0)), Map.of()));
        }
        slab = slab();
        residency = residency(Duration.ofSeconds(30));
    }

    @AfterEach
    void close() {
        residency.close();
        device.close();
    }

    @Test
    void usersShareOneCopyAndTheLeastRecentlyUsedGoesFirst() {
        AdapterResidency.Handle first = acquire("a").orElseThrow();
        AdapterResidency.Handle second = acquire("a").orElseThrow();
        assertSame(first.adapter(), second.adapter());
        AdapterResidency.Handle b = acquire("b").orElseThrow();
        first.close();
        first.close();
        assertEquals(2, residency.inUse(), "closing twice counts once");
        second.close();
        AdapterResidency.Handle c = acquire("c").orElseThrow();
        b.close();
        c.close();
        acquire("b").orElseThrow().close();
        acquire("a").orElseThrow().close();
        assertSame(b.adapter(), acquire("b").orElseThrow().adapter(), "c was used longer ago");
        assertEquals(2, residency.size());
    }

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
    void whatWasFetchedBeforehandIsThereWithoutALoad() {
        residency.prefetch(List.of(ref("a"), ref("lost")));
        assertEquals(1, residency.size());
        assertEquals(0, residency.inUse());
        onGet = id -> {
            throw new AssertionError("it is there");
        };
        assertOnDevice(acquire("a").orElseThrow());
    }

    @Test
    void whatTheDatabaseKnowsDecides() {
        AdapterRef known = ref("a");
        stored.put("a", stored.get("b"));
        assertEquals(
                AdapterAbsence.DAMAGED,
                residency.acquire(List.of(known)).getFirst().absence());
    }

    @Test
    void whatIsMeasured() {
        acquire(List.of("a", "b")).forEach(acquired -> acquired.orElseThrow().close());
        acquire("a").orElseThrow().close();
        acquire("c").orElseThrow().close();
        assertEquals(3, reads("miss"));
        assertEquals(1, reads("hit"));
        assertEquals(
                2.0 * Float.BYTES * AdapterSlab.footprint(adapter(shape, 0)),
                meters.get("prag.adapters.held").tag("tier", "device").gauge().value());
        assertEquals(1, meters.get("prag.adapters.evicted").functionCounter().count());
    }

    private long reads(String result) {
        return meters.get("prag.adapters.read")
                .tags("tier", "device", "result", result)
                .timer()
                .count();
    }

    @Test
    void whatIsOnTheDeviceIsWhatWasStored() {
        try (AdapterResidency.Handle handle = acquire("b").orElseThrow()) {
            assertEquals("b", handle.id());
            assertOnDevice(handle);
        }
    }

    @Test
    void whatTheStoreDoesNotHaveIsMissingOrWasDamaged() {
        byte[] bytes = stored.remove("b");
        assertEquals(new Acquired(null, AdapterAbsence.MISSING, null), acquire("b"));
        damaged.add("b");
        assertEquals(new Acquired(null, AdapterAbsence.DAMAGED, null), acquire("b"));
        assertThrows(IllegalStateException.class, () -> acquire("b").orElseThrow());
        assertEquals(0, residency.size());
        stored.put("b", bytes);
        acquire("b").orElseThrow().close();
    }

    @Test
    void whatIsNoAdapterIsUnusable() {
        stored.put("bad", new byte[] {1, 2, 3});
        Acquired bad = acquire("bad");
        assertEquals(AdapterAbsence.UNUSABLE, bad.absence());
        assertTrue(bad.detail().contains("adapter bad"), bad.detail());
    }

    @Test
    void oneThatIsLargerThanAllTheRoom() {
        stored.put("large", AdapterCodec.encode(Adapter.initial(shape, 64, 4, TARGETS, 1), Map.of()));
        assertEquals(AdapterAbsence.TOO_LARGE, acquire("large").absence());
        try (AdapterResidency.Handle held = acquire("a").orElseThrow()) {
            assertEquals(AdapterAbsence.TOO_LARGE, acquire("large").absence());
            assertOnDevice(held);
        }
    }

    @Test
    void oneForAnotherModelIsUnusable() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        Acquired other = acquire("other");
        assertEquals(AdapterAbsence.UNUSABLE, other.absence());
        assertTrue(other.detail().contains("another model"), other.detail());
        acquire("a").orElseThrow().close();
    }

    @Test
    void severalAtOnce() {
        List<Acquired> handles = acquire(List.of("a", "lost", "b", "a"));
        assertEquals(
                List.of("a", "", "b", "a"),
                handles.stream()
                        .map(acquired ->
                                acquired.isPresent() ? acquired.handle().id() : "")
                        .toList());
        assertSame(
                handles.getFirst().orElseThrow().adapter(),
                handles.getLast().orElseThrow().adapter());
        assertEquals(AdapterAbsence.MISSING, handles.get(1).absence());
        assertEquals(2, residency.inUse());
        handles.stream().filter(Acquired::isPresent).forEach(acquired -> acquired.handle()
                .close());
        assertEquals(0, residency.inUse());
        assertEquals(List.of(), acquire(List.of()));
    }

    @Test
    void oneThatIsUnusableKeepsNoOtherOut() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        List<Acquired> acquired = acquire(List.of("a", "other", "b"));
        assertEquals(2, residency.inUse());
        assertEquals(AdapterAbsence.UNUSABLE, acquired.get(1).absence());
        acquired.get(0).handle().close();
        acquired.get(2).handle().close();
        assertEquals(0, residency.inUse());
    }

    @Test
    void ifTheProgramFailsAtOneOfSeveralNoneIsHeld() {
        onGet = id -> {
            if (id.equals("b")) {
                throw new IllegalStateException("a mistake");
            }
        };
        assertThrows(IllegalStateException.class, () -> acquire(List.of("a", "b")));
        assertEquals(0, residency.inUse());
        assertEquals(1, residency.size());
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
    void aFailureIsToldToAllWhoWaitAndTheNextOneTriesAgain() {
        onGet = id -> {
            throw new UserException(UserException.Kind.ENVIRONMENT, "the disk is gone");
        };
        for (Acquired acquired : acquire(List.of("a", "a"))) {
            assertEquals(
                    new Acquired(null, AdapterAbsence.UNREADABLE, null),
                    acquired,
                    "what the store says is for the log");
        }
        assertEquals(0, residency.inUse());
        onGet = id -> {};
        assertTrue(acquire("a").isPresent());
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

    private AdapterSlab slab() {
        return new AdapterSlab(device, shape, 2 * AdapterSlab.footprint(adapter(shape, 0)));
    }

    private AdapterResidency residency(Duration patience) {
        return new AdapterResidency(new Store(), slab, new TierMetrics(meters), patience);
    }

    private AdapterRef ref(String id) {
        byte[] bytes = stored.get(id);
        return new AdapterRef(id, bytes == null ? "" : Hashes.sha256(bytes));
    }

    private Acquired acquire(String id) {
        return acquire(List.of(id)).getFirst();
    }

    private List<Acquired> acquire(List<String> ids) {
        return residency.acquire(ids.stream().map(this::ref).toList());
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private void assertOnDevice(AdapterResidency.Handle handle) {
        float[] a = adapter(shape, handle.id().charAt(0))
                .updates()
                .get(new Adapter.Target(0, Projection.GATE))
                .a();
        LoraSpan.Part part = handle.adapter().part(0, Projection.GATE, 1);
        float[] memory = device.read(slab.memory());
        assertArrayEquals(a, Arrays.copyOfRange(memory, (int) part.a(), (int) part.a() + a.length));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS), "it doesn't come");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static DecoderShape shape(int size) {
        Map<Projection, DecoderShape.Dims> dims = new EnumMap<>(Projection.class);
        for (Projection projection : Projection.values()) {
            dims.put(projection, new DecoderShape.Dims(size, size));
        }
        return new DecoderShape(1, dims);
    }

    private static Adapter adapter(DecoderShape shape, long seed) {
        return Adapter.initial(shape, 2, 4, TARGETS, seed);
    }

    private final class Store implements AdapterStore {
        @Override
        public String put(String id, byte[] bytes) {
            throw new AssertionError("nothing is stored here");
        }

        @Override
        public Optional<byte[]> get(String id) {
            onGet.accept(id);
            return Optional.ofNullable(stored.get(id));
        }

        @Override
        public Optional<Stat> stat(String id) {
            return Optional.ofNullable(stored.get(id)).map(bytes -> new Stat(bytes.length, Hashes.sha256(bytes)));
        }

        @Override
        public String claim(String corpusId) {
            throw new AssertionError("nobody asks here");
        }

        @Override
        public boolean isDamaged(String id) {
            return damaged.contains(id);
        }

        @Override
        public boolean delete(String id) {
            throw new AssertionError("nothing is deleted here");
        }

        @Override
        public List<Entry> list() {
            return List.of();
        }
    }
}

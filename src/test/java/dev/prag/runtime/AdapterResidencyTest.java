package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.plain.PlainDevice;
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
    private AdapterSlab slab;
    private AdapterResidency residency;

    @BeforeEach
    void roomForTwo() {
        for (String id : List.of("a", "b", "c")) {
            stored.put(id, AdapterCodec.encode(adapter(shape, id.charAt(0)), Map.of()));
        }
        slab = new AdapterSlab(device, shape, 2 * AdapterSlab.footprint(adapter(shape, 0)));
        residency = new AdapterResidency(new Store(), slab);
    }

    @AfterEach
    void close() {
        residency.close();
        device.close();
    }

    @Test
    void usersShareOneCopyAndTheLeastRecentlyUsedGoesFirst() {
        AdapterResidency.Handle first = residency.acquire("a").orElseThrow();
        AdapterResidency.Handle second = residency.acquire("a").orElseThrow();
        assertSame(first.adapter(), second.adapter());
        AdapterResidency.Handle b = residency.acquire("b").orElseThrow();
        Acquired full = residency.acquire("c");
        assertTrue(full.isEmpty(), "both places are in use");
        assertEquals(AdapterAbsence.FULL, full.absence());
        first.close();
        first.close();
        assertTrue(residency.acquire("c").isEmpty(), "closing twice counts once");
        second.close();
        AdapterResidency.Handle c = residency.acquire("c").orElseThrow();
        b.close();
        c.close();
        residency.acquire("b").orElseThrow().close();
        residency.acquire("a").orElseThrow().close();
        assertSame(b.adapter(), residency.acquire("b").orElseThrow().adapter(), "c was used longer ago");
        assertEquals(2, residency.size());
    }

    @Test
    void whatIsOnTheDeviceIsWhatWasStored() {
        try (AdapterResidency.Handle handle = residency.acquire("b").orElseThrow()) {
            assertEquals("b", handle.id());
            assertOnDevice(handle);
        }
    }

    @Test
    void whatTheStoreDoesNotHaveIsMissingOrWasDamaged() {
        byte[] bytes = stored.remove("b");
        assertEquals(new Acquired(null, AdapterAbsence.MISSING, null), residency.acquire("b"));
        damaged.add("b");
        assertEquals(new Acquired(null, AdapterAbsence.DAMAGED, null), residency.acquire("b"));
        assertThrows(IllegalStateException.class, () -> residency.acquire("b").orElseThrow());
        assertEquals(0, residency.size());
        stored.put("b", bytes);
        residency.acquire("b").orElseThrow().close();
    }

    @Test
    void whatIsNoAdapterIsUnusable() {
        stored.put("bad", new byte[] {1, 2, 3});
        Acquired bad = residency.acquire("bad");
        assertEquals(AdapterAbsence.UNUSABLE, bad.absence());
        assertTrue(bad.detail().contains("adapter bad"), bad.detail());
    }

    @Test
    void oneThatIsLargerThanAllTheRoom() {
        stored.put("large", AdapterCodec.encode(Adapter.initial(shape, 64, 4, TARGETS, 1), Map.of()));
        assertEquals(AdapterAbsence.TOO_LARGE, residency.acquire("large").absence());
        try (AdapterResidency.Handle held = residency.acquire("a").orElseThrow()) {
            assertEquals(AdapterAbsence.TOO_LARGE, residency.acquire("large").absence());
            assertOnDevice(held);
        }
    }

    @Test
    void oneForAnotherModelIsUnusable() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        Acquired other = residency.acquire("other");
        assertEquals(AdapterAbsence.UNUSABLE, other.absence());
        assertTrue(other.detail().contains("another model"), other.detail());
        residency.acquire("a").orElseThrow().close();
    }

    @Test
    void severalAtOnce() {
        List<Acquired> handles = residency.acquire(List.of("a", "lost", "b", "a"));
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
        assertEquals(List.of(), residency.acquire(List.of()));
    }

    @Test
    void oneThatIsUnusableKeepsNoOtherOut() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        List<Acquired> acquired = residency.acquire(List.of("a", "other", "b"));
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
        assertThrows(IllegalStateException.class, () -> residency.acquire(List.of("a", "b")));
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
        assertTrue(residency.acquire(List.of("a", "b")).stream().allMatch(Acquired::isPresent));
    }

    @Test
    void whoAsksForWhatIsBeingLoadedWaitsForItAndNobodyElseDoes() throws Exception {
        residency.acquire("b").orElseThrow().close();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        onGet = id -> {
            assertEquals(1, begun.getCount(), "it is loaded once");
            begun.countDown();
            await(goOn);
        };
        FutureTask<AdapterResidency.Handle> first =
                new FutureTask<>(() -> residency.acquire("a").orElseThrow());
        FutureTask<AdapterResidency.Handle> second =
                new FutureTask<>(() -> residency.acquire("a").orElseThrow());
        Thread.ofVirtual().start(first);
        await(begun);
        Thread waiting = Thread.ofVirtual().start(second);
        while (waiting.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        residency.acquire("b").orElseThrow().close();
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
        for (Acquired acquired : residency.acquire(List.of("a", "a"))) {
            assertEquals(
                    new Acquired(null, AdapterAbsence.UNREADABLE, null),
                    acquired,
                    "what the store says is for the log");
        }
        assertEquals(0, residency.inUse());
        onGet = id -> {};
        assertTrue(residency.acquire("a").isPresent());
    }

    @Test
    void closingWaitsForWhatIsBeingLoaded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        onGet = id -> {
            begun.countDown();
            await(goOn);
        };
        FutureTask<Boolean> load = new FutureTask<>(() -> residency.acquire("a").isPresent());
        Thread.ofVirtual().start(load);
        await(begun);
        Thread closing = Thread.ofVirtual().start(residency::close);
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        assertTrue(load.get());
        closing.join();
        assertThrows(IllegalStateException.class, () -> residency.acquire("a"));
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
                        for (Acquired acquired : residency.acquire(wanted)) {
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
        assertTrue(
                residency.acquire(List.of("a", "b")).stream().allMatch(Acquired::isPresent),
                "every place was given back");
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
            throw new AssertionError("nobody asks here");
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

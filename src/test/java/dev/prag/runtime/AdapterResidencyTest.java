package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdapterResidencyTest {
    private static final Set<Projection> TARGETS = EnumSet.of(Projection.GATE);

    private final PlainDevice device = new PlainDevice();
    private final DecoderShape shape = shape(8);
    private final Map<String, byte[]> stored = new TreeMap<>();
    private final List<String> lost = new ArrayList<>();
    private AdapterSlab slab;
    private AdapterResidency residency;

    @BeforeEach
    void roomForTwo() {
        for (String id : List.of("a", "b", "c")) {
            stored.put(id, AdapterCodec.encode(adapter(shape, id.charAt(0)), Map.of()));
        }
        slab = new AdapterSlab(device, shape, 2 * AdapterSlab.footprint(adapter(shape, 0)));
        residency = new AdapterResidency(new Store(), slab, lost::add);
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
        assertTrue(residency.acquire("c").isEmpty(), "both places are in use");
        assertTrue(lost.isEmpty());
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
            LoraSpan.Part part = handle.adapter().part(0, Projection.GATE, 1);
            assertNotNull(part);
            float[] a = adapter(shape, 'b')
                    .updates()
                    .get(new Adapter.Target(0, Projection.GATE))
                    .a();
            float[] memory = device.read(slab.memory());
            float[] there = new float[a.length];
            System.arraycopy(memory, (int) part.a(), there, 0, there.length);
            assertArrayEquals(a, there);
        }
    }

    @Test
    void oneThatTheStoreNoLongerHasIsReported() {
        stored.remove("b");
        assertTrue(residency.acquire("b").isEmpty());
        assertEquals(List.of("b"), lost);
    }

    @Test
    void oneForAnotherModelIsRefused() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        UserException e = assertThrows(UserException.class, () -> residency.acquire("other"));
        assertTrue(e.getMessage().contains("another model"), e.getMessage());
        residency.acquire("a").orElseThrow().close();
    }

    @Test
    void manyThreads() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread;
                counts.add(threads.submit(() -> {
                    int acquired = 0;
                    for (int i = 0; i < 300; i++) {
                        String id = String.valueOf((char) ('a' + (first + i) % 3));
                        Optional<AdapterResidency.Handle> handle = residency.acquire(id);
                        if (handle.isPresent()) {
                            acquired++;
                            handle.get().close();
                        }
                    }
                    return acquired;
                }));
            }
            for (Future<Integer> count : counts) {
                assertTrue(count.get() > 0);
            }
        }
        AdapterResidency.Handle a = residency.acquire("a").orElseThrow();
        assertTrue(residency.acquire("b").isPresent(), "every place was given back");
        a.close();
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
            return Optional.ofNullable(stored.get(id));
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

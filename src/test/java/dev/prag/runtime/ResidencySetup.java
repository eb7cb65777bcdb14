package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.prag.adapterstore.AdapterRef;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.base.Hashes;
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
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Device memory with room for two adapters of three that are stored. */
abstract class ResidencySetup {
    static final Set<Projection> TARGETS = EnumSet.of(Projection.GATE);

    final PlainDevice device = new PlainDevice();
    final DecoderShape shape = shape(8);
    final Map<String, byte[]> stored = new TreeMap<>();
    final Set<String> damaged = new HashSet<>();
    volatile Consumer<String> onGet = id -> {};
    final MeterRegistry meters = new SimpleMeterRegistry();
    AdapterSlab slab;
    AdapterResidency residency;

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

    AdapterSlab slab() {
        return new AdapterSlab(device, shape, 2 * AdapterSlab.footprint(adapter(shape, 0)));
    }

    AdapterResidency residency(Duration patience) {
        return new AdapterResidency(new Store(), slab, new TierMetrics(meters), patience);
    }

    AdapterRef ref(String id) {
        byte[] bytes = stored.get(id);
        return new AdapterRef(id, bytes == null ? "" : Hashes.sha256(bytes));
    }

    Acquired acquire(String id) {
        return acquire(List.of(id)).getFirst();
    }

    List<Acquired> acquire(List<String> ids) {
        return residency.acquire(ids.stream().map(this::ref).toList());
    }

    void assertOnDevice(AdapterResidency.Handle handle) {
        float[] a = adapter(shape, handle.id().charAt(0))
                .updates()
                .get(new Adapter.Target(0, Projection.GATE))
                .a();
        LoraSpan.Part part = handle.adapter().part(0, Projection.GATE, 1);
        float[] memory = device.read(slab.memory());
        assertArrayEquals(a, Arrays.copyOfRange(memory, (int) part.a(), (int) part.a() + a.length));
    }

    static DecoderShape shape(int size) {
        Map<Projection, DecoderShape.Dims> dims = new EnumMap<>(Projection.class);
        for (Projection projection : Projection.values()) {
            dims.put(projection, new DecoderShape.Dims(size, size));
        }
        return new DecoderShape(1, dims);
    }

    static Adapter adapter(DecoderShape shape, long seed) {
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

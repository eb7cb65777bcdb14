package dev.prag.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.llm.ReferenceModel;
import dev.prag.tensor.Device;
import dev.prag.tensor.plain.PlainDevice;
import dev.prag.tensor.safetensors.Safetensors;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Adapters, the file that stores keep of them, and their slab on a device. */
class AdapterTest {
    private static final ReferenceModel MODEL = ReferenceModel.QWEN_2_5;
    private static final DecoderShape SHAPE = MODEL.config().decoderShape();

    @Test
    void initialAdapters() {
        Set<Projection> targets = Set.of(Projection.GATE, Projection.DOWN);
        Adapter adapter = Adapter.initial(SHAPE, 3, 6, targets, 11);
        assertEquals(2, adapter.scaling());
        assertEquals(targets, adapter.projections());
        assertEquals(2 * SHAPE.layers(), adapter.updates().size());
        Adapter.LowRank down = adapter.updates().get(new Adapter.Target(1, Projection.DOWN));
        assertEquals(3 * 200, down.a().length);
        assertArrayEquals(new float[72 * 3], down.b());
        double bound = 1 / Math.sqrt(200);
        double sum = 0;
        float largest = 0;
        for (float value : down.a()) {
            sum += value;
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest <= bound && largest > 0.98 * bound, "uniform in ±1/√in: " + largest);
        assertEquals(0, sum / down.a().length, 3 * bound / Math.sqrt(3 * down.a().length));
        PeftFolderTest.assertSame(adapter, Adapter.initial(SHAPE, 3, 6, targets, 11));
        Adapter other = Adapter.initial(SHAPE, 3, 6, targets, 12);
        Adapter.LowRank otherDown = other.updates().get(new Adapter.Target(1, Projection.DOWN));
        assertFalse(Arrays.equals(down.a(), otherDown.a()));
        Adapter.LowRank otherLayer = adapter.updates().get(new Adapter.Target(2, Projection.DOWN));
        assertFalse(Arrays.equals(down.a(), otherLayer.a()));
    }

    @Test
    void codecRoundTrip() {
        Adapter adapter = MODEL.adapter("foreign");
        Map<String, String> metadata = Map.of("recipe", "{\"rank\":4}", "passage", "ü");
        byte[] bytes = AdapterCodec.encode(adapter, metadata);
        assertArrayEquals(bytes, AdapterCodec.encode(adapter, metadata));
        AdapterCodec.Decoded decoded = AdapterCodec.decode(bytes, "a file");
        assertEquals(metadata, decoded.metadata());
        PeftFolderTest.assertSame(adapter, decoded.adapter());
        assertTrue(decoded.adapter().rsLora());
    }

    @Test
    void otherFormatsAreSmallerAndRound() {
        Adapter adapter = random(SHAPE, 4, 1);
        byte[] exact = AdapterCodec.encode(adapter, Map.of("a", "b"));
        Map<AdapterFormat, Double> most = Map.of(AdapterFormat.BF16, 1 / 256.0, AdapterFormat.INT8, 1 / 127.0);
        most.forEach((format, bound) -> {
            byte[] bytes = AdapterCodec.encode(adapter, Map.of("a", "b"), format);
            assertTrue(bytes.length < (format == AdapterFormat.BF16 ? 0.6 : 0.4) * exact.length, format + " is large");
            AdapterCodec.Decoded decoded = AdapterCodec.decode(bytes, "adapter 12ab");
            assertEquals(Map.of("a", "b"), decoded.metadata());
            adapter.updates().forEach((target, update) -> {
                Adapter.LowRank read = decoded.adapter().updates().get(target);
                assertClose(update.a(), read.a(), bound);
                assertClose(update.b(), read.b(), bound);
            });
            try (Device device = new PlainDevice();
                    AdapterSlab host = new AdapterSlab(device, SHAPE, AdapterSlab.footprint(adapter));
                    AdapterSlab straight = new AdapterSlab(device, SHAPE, AdapterSlab.footprint(adapter))) {
                host.load(decoded.adapter());
                straight.load(AdapterCodec.open(bytes, "adapter 12ab"));
                assertArrayEquals(device.read(host.memory()), device.read(straight.memory()));
            }
            byte[] truncated = Arrays.copyOf(bytes, bytes.length - 1);
            assertThrows(UserException.class, () -> AdapterCodec.open(truncated, "adapter 12ab"));
        });
    }

    /** @param bound of the difference, as a part of the largest magnitude */
    private static void assertClose(float[] expected, float[] actual, double bound) {
        assertEquals(expected.length, actual.length);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        assertTrue(difference > 0 && difference <= bound * largest, difference + " of " + largest);
    }

    @Test
    void formatsHaveNames() {
        assertEquals(AdapterFormat.BF16, AdapterFormat.of("prag.adapters.dtype", "bf16"));
        UserException e = assertThrows(UserException.class, () -> AdapterFormat.of("prag.adapters.dtype", "f16"));
        assertTrue(e.getMessage().contains("prag.adapters.dtype is \"f16\"; it has to be one of f32, bf16, int8"));
    }

    @Test
    void codecRefusesDamage() {
        byte[] bytes = AdapterCodec.encode(MODEL.adapter("0"), Map.of());
        byte[] truncated = Arrays.copyOf(bytes, bytes.length - 1);
        UserException e = assertThrows(UserException.class, () -> AdapterCodec.decode(truncated, "adapter 12ab"));
        assertTrue(e.getMessage().contains("adapter 12ab"), e.getMessage());
        byte[] foreign = Safetensors.write(PeftNames.tensors(MODEL.adapter("0")), Map.of("format", "pt"));
        e = assertThrows(UserException.class, () -> AdapterCodec.decode(foreign, "adapter 12ab"));
        assertTrue(e.getMessage().contains("lora.rank"), e.getMessage());
    }

    @Test
    void slabGivesPlacesOutAndTakesThemBack() {
        Adapter small = MODEL.adapter("0");
        Adapter large = MODEL.adapter("foreign");
        long smallSize = AdapterSlab.footprint(small);
        long largeSize = AdapterSlab.footprint(large);
        try (Device device = new PlainDevice();
                AdapterSlab slab = new AdapterSlab(device, SHAPE, 2 * smallSize + largeSize)) {
            AdapterSlab.Slot first = slab.load(small);
            AdapterSlab.Slot second = slab.load(large);
            AdapterSlab.Slot third = slab.load(small);
            assertEquals(smallSize + largeSize, third.offset());
            assertThrows(SlabFullException.class, () -> slab.load(small));
            PeftFolderTest.assertSame(large, second.read(slab.memory()));
            PeftFolderTest.assertSame(small, third.read(slab.memory()));

            first.close();
            first.close();
            assertThrows(SlabFullException.class, () -> slab.load(large), "closing twice frees once");
            second.close();
            AdapterSlab.Slot again = slab.load(large);
            assertEquals(0, again.offset());
            AdapterSlab.Slot last = slab.load(small);
            PeftFolderTest.assertSame(small, last.read(slab.memory()));
            PeftFolderTest.assertSame(small, third.read(slab.memory()));
            again.close();
            third.close();
            last.close();
            Adapter whole = Adapter.initial(SHAPE, 4, 1, large.projections(), 1);
            assertEquals(0, slab.load(whole).offset());
        }
    }

    @Test
    void straightFromBytesIsTheSameAsByWayOfTheHost() {
        // B is transposed in pieces: of many rows, of a few with a rest, of one.
        Map<Integer, Integer> sizes = Map.of(1, 4097, 3, 1500, 4097, 3);
        try (Device device = new PlainDevice()) {
            sizes.forEach((rank, size) -> {
                DecoderShape shape = new DecoderShape(2, dims(size));
                Adapter adapter = random(shape, rank, 1);
                long floats = AdapterSlab.footprint(adapter);
                try (AdapterSlab fromHost = new AdapterSlab(device, shape, floats);
                        AdapterSlab fromBytes = new AdapterSlab(device, shape, floats)) {
                    fromHost.load(adapter);
                    fromBytes.load(random(shape, rank, 2)).close();
                    fromBytes.load(AdapterCodec.open(AdapterCodec.encode(adapter, Map.of()), "adapter"));
                    assertArrayEquals(device.read(fromHost.memory()), device.read(fromBytes.memory()));
                }
            });
        }
    }

    private static Map<Projection, DecoderShape.Dims> dims(int size) {
        Map<Projection, DecoderShape.Dims> dims = new EnumMap<>(Projection.class);
        for (Projection projection : Projection.values()) {
            dims.put(projection, new DecoderShape.Dims(5 + projection.ordinal(), size + projection.ordinal()));
        }
        return dims;
    }

    private static Adapter random(DecoderShape shape, int rank, long seed) {
        Adapter adapter = Adapter.initial(shape, rank, 1, EnumSet.of(Projection.K, Projection.DOWN), seed);
        Random random = new Random(seed);
        adapter.updates().values().forEach(update -> {
            for (int i = 0; i < update.b().length; i++) {
                update.b()[i] = random.nextFloat();
            }
        });
        return adapter;
    }

    @Test
    void bytesForAnotherModelAreRefused() {
        Adapter adapter = MODEL.adapter("0");
        try (Device device = new PlainDevice();
                AdapterSlab slab = new AdapterSlab(device, SHAPE, AdapterSlab.footprint(adapter))) {
            StoredAdapter other = AdapterCodec.open(
                    AdapterCodec.encode(ReferenceModel.LLAMA_3.adapter("0"), Map.of()), "adapter 12ab");
            UserException e = assertThrows(UserException.class, () -> slab.load(other));
            assertTrue(e.getMessage().startsWith("adapter 12ab"), e.getMessage());
            slab.load(adapter).close();
        }
    }

    @Test
    void partsOfAResidentAdapter() {
        Adapter adapter = MODEL.adapter("0");
        try (Device device = new PlainDevice();
                AdapterSlab slab = new AdapterSlab(device, SHAPE, AdapterSlab.footprint(adapter));
                AdapterSlab.Slot slot = slab.load(adapter)) {
            assertNull(slot.part(0, Projection.Q, 1));
            assertNotNull(slot.part(0, Projection.UP, 1));
            assertEquals(0.5f * 16, slot.part(0, Projection.UP, 0.5f).scale());
            assertThrows(UserException.class, () -> slab.load(ReferenceModel.LLAMA_3.adapter("0")));
        }
    }
}

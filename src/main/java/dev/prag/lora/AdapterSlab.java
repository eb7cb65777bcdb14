package dev.prag.lora;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Device memory for adapters: one tensor, cut into places that are taken first fit and given back on close, so that
 * loading an adapter allocates nothing. Safe for use by many threads.
 */
public final class AdapterSlab implements AutoCloseable {
    /** Places begin and end at multiples of so many elements: a cache line of F32. */
    private static final int GRANULE = 16;

    private final Device device;
    private final DecoderShape shape;
    private final Tensor memory;
    private final Staging staging = new Staging();
    /** Free places: first granule → number of granules; never two that touch. */
    private final TreeMap<Integer, Integer> free = new TreeMap<>();

    /**
     * @param shape the model's: what doesn't fit it isn't loaded
     * @param capacityFloats elements in all; see {@link #footprint}
     */
    public AdapterSlab(Device device, DecoderShape shape, long capacityFloats) {
        this.device = device;
        this.shape = shape;
        int granules = Math.toIntExact((capacityFloats + GRANULE - 1) / GRANULE);
        memory = device.allocate(DType.F32, granules, GRANULE);
        free.put(0, granules);
    }

    /** Elements that an adapter takes in a slab. */
    public static long footprint(Adapter adapter) {
        return granules(AdapterLayout.of(adapter)) * (long) GRANULE;
    }

    /** As {@link #footprint(Adapter)}, of one that fits the slab's model. */
    public static long footprint(StoredAdapter adapter) {
        return granules(adapter.layout()) * (long) GRANULE;
    }

    /** Elements that are taken now. */
    public synchronized long used() {
        long left = free.values().stream().mapToLong(Integer::longValue).sum();
        return memory.size() - left * GRANULE;
    }

    /** All places, F32; an offset is an index into its elements. */
    public Tensor memory() {
        return memory;
    }

    /**
     * Copies an adapter to the device, in the order of what is queued.
     *
     * @throws SlabFullException if no free place is large enough
     * @throws dev.prag.base.UserException if it was made for another model
     */
    public Slot load(Adapter adapter) {
        adapter.requireFits(shape, "adapter");
        AdapterLayout layout = AdapterLayout.of(adapter);
        return load(layout, packed -> layout.pack(adapter, packed), device::write);
    }

    /**
     * As {@link #load(Adapter)}, straight from the bytes of a store, and beside what the device computes: whoever gives
     * places of this slab back has waited for what used them.
     */
    public Slot load(StoredAdapter adapter) {
        adapter.requireFits(shape);
        AdapterLayout layout = adapter.layout();
        return load(layout, packed -> adapter.pack(layout, packed), device::load);
    }

    private Slot load(AdapterLayout layout, Consumer<float[]> elements, BiConsumer<Tensor, float[]> copy) {
        int granules = granules(layout);
        Slot slot = new Slot(layout, take(granules), granules);
        try {
            float[] packed = staging.take(granules * GRANULE);
            elements.accept(packed);
            copy.accept(slot.in(memory), packed);
            staging.giveBack(packed);
            return slot;
        } catch (RuntimeException e) {
            slot.close();
            throw e;
        }
    }

    private static int granules(AdapterLayout layout) {
        return Math.ceilDiv(layout.length(), GRANULE);
    }

    private synchronized int take(int granules) {
        for (Map.Entry<Integer, Integer> place : free.entrySet()) {
            if (place.getValue() >= granules) {
                int first = place.getKey();
                free.remove(first);
                if (place.getValue() > granules) {
                    free.put(first + granules, place.getValue() - granules);
                }
                return first;
            }
        }
        throw new SlabFullException("no room for " + (long) granules * GRANULE + " more elements in " + memory);
    }

    private synchronized void giveBack(int first, int granules) {
        int start = first;
        int length = granules;
        Map.Entry<Integer, Integer> before = free.floorEntry(first);
        if (before != null && before.getKey() + before.getValue() == first) {
            start = before.getKey();
            length += before.getValue();
        }
        Integer after = free.remove(first + granules);
        free.put(start, after == null ? length : length + after);
    }

    @Override
    public void close() {
        memory.close();
    }

    /** An adapter's place in the slab. */
    public final class Slot implements ResidentAdapter {
        private final AdapterLayout layout;
        private final int first;
        private final int granules;
        private boolean closed;

        private Slot(AdapterLayout layout, int first, int granules) {
            this.layout = layout;
            this.first = first;
            this.granules = granules;
        }

        @Override
        public Tensor slab() {
            return memory;
        }

        @Override
        public LoraSpan.Part part(int layer, Projection projection, float weight) {
            if (!layout.targets(layer, projection)) {
                return null;
            }
            return new LoraSpan.Part(
                    offset() + layout.a(layer, projection),
                    offset() + layout.b(layer, projection),
                    layout.rank(),
                    weight * layout.scaling());
        }

        /** First element of the place. */
        public long offset() {
            return (long) first * GRANULE;
        }

        /** Elements of the place. */
        public long length() {
            return (long) granules * GRANULE;
        }

        /** This place in a tensor shaped like the slab (its gradients, say), as a view. */
        public Tensor in(Tensor like) {
            return like.rows(first, granules);
        }

        /**
         * A copy of what the place holds in a tensor shaped like the slab, as an adapter; waits for the device.
         */
        public Adapter read(Tensor like) {
            return layout.unpack(device.read(in(like)));
        }

        /** Writes over what the place holds, which nothing uses any more, before it is given back. */
        public void erase() {
            device.load(in(memory), new float[granules * GRANULE]);
        }

        @Override
        public void close() {
            synchronized (AdapterSlab.this) {
                if (!closed) {
                    closed = true;
                    giveBack(first, granules);
                }
            }
        }
    }
}

package dev.prag.runtime;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.SlabFullException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The adapters in device memory, which is the topmost tier of their storage: loaded from the store on first use, kept
 * until the room is needed, the least recently used of those that nobody uses being the first to go.
 */
public final class AdapterResidency implements AutoCloseable {
    private final AdapterStore store;
    private final AdapterSlab slab;
    private final Consumer<String> onLost;
    /** In the order of use, the least recent first. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param slab closed with this
     * @param onLost hears of adapters that the store no longer has
     */
    public AdapterResidency(AdapterStore store, AdapterSlab slab, Consumer<String> onLost) {
        this.store = store;
        this.slab = slab;
        this.onLost = onLost;
    }

    /**
     * The adapter of that id on the device, for as long as the handle is open.
     *
     * @return empty if the store no longer has it, or adapters in use fill the device's room
     * @throws dev.prag.base.UserException if it was made for another model
     */
    public Optional<Handle> acquire(String id) {
        Optional<Handle> resident = acquireResident(id);
        if (resident.isPresent()) {
            return resident;
        }
        Optional<byte[]> bytes = store.get(id);
        if (bytes.isEmpty()) {
            onLost.accept(id);
            return Optional.empty();
        }
        return load(id, AdapterCodec.decode(bytes.get(), "adapter " + id).adapter());
    }

    private synchronized Optional<Handle> acquireResident(String id) {
        return Optional.ofNullable(entries.get(id)).map(entry -> new Handle(id, entry));
    }

    private synchronized Optional<Handle> load(String id, Adapter adapter) {
        Entry entry = entries.get(id);
        while (entry == null) {
            try {
                entry = new Entry(slab.load(adapter));
                entries.put(id, entry);
            } catch (SlabFullException e) {
                if (!evictOne()) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new Handle(id, entry));
    }

    private boolean evictOne() {
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.users == 0) {
                all.remove();
                entry.adapter.close();
                return true;
            }
        }
        return false;
    }

    /** How many adapters are on the device. */
    public synchronized int size() {
        return entries.size();
    }

    /** How many of them are in use. */
    public synchronized int inUse() {
        return (int) entries.values().stream().filter(entry -> entry.users > 0).count();
    }

    @Override
    public synchronized void close() {
        entries.clear();
        slab.close();
    }

    private static final class Entry {
        final ResidentAdapter adapter;
        int users;

        Entry(ResidentAdapter adapter) {
            this.adapter = adapter;
        }
    }

    /** One use of an adapter, which stays on the device until this is closed. */
    public final class Handle implements AutoCloseable {
        private final String id;
        private final Entry entry;
        private boolean closed;

        private Handle(String id, Entry entry) {
            this.id = id;
            this.entry = entry;
            entry.users++;
        }

        /** Id in the store. */
        public String id() {
            return id;
        }

        public ResidentAdapter adapter() {
            return entry.adapter;
        }

        @Override
        public void close() {
            synchronized (AdapterResidency.this) {
                if (!closed) {
                    closed = true;
                    entry.users--;
                }
            }
        }
    }
}

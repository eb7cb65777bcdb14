package dev.prag.runtime;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.SlabFullException;
import dev.prag.lora.StoredAdapter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The adapters in device memory, which is the topmost tier of their storage: loaded from the store on first use, kept
 * until the room is needed, the least recently used of those that nobody uses being the first to go. Safe for use by
 * many threads: who asks for what another one is loading shares it, and different adapters are loaded side by side.
 */
public final class AdapterResidency implements AutoCloseable {
    private final AdapterStore store;
    private final AdapterSlab slab;
    private final Consumer<String> onLost;
    /** In the order of use, the least recent first; guarded by this, and so is the number of each entry's users. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private int loading;
    private boolean closed;

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
        return acquire(List.of(id)).getFirst();
    }

    /**
     * As {@link #acquire(String)} for several, which are loaded at the same time.
     *
     * @return for each id, in their order
     * @throws dev.prag.base.UserException if one was made for another model; nothing is held then
     */
    public List<Optional<Handle>> acquire(List<String> ids) {
        List<Handle> handles = new ArrayList<>(ids.size());
        List<Handle> toLoad = new ArrayList<>(ids.size());
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the adapters' memory is closed");
            }
            for (String id : ids) {
                Entry entry = entries.get(id);
                boolean isNew = entry == null;
                if (isNew) {
                    entry = new Entry();
                    entries.put(id, entry);
                }
                Handle handle = new Handle(id, entry);
                handles.add(handle);
                if (isNew) {
                    loading++;
                    toLoad.add(handle);
                }
            }
        }
        // The last one here, the others beside it.
        for (int i = 0; i < toLoad.size(); i++) {
            Handle handle = toLoad.get(i);
            if (i < toLoad.size() - 1) {
                Thread.ofVirtual().name("prag-adapter").start(() -> load(handle));
            } else {
                load(handle);
            }
        }
        return loaded(handles);
    }

    /** Waits for all of them; those that didn't become resident are empty, and closed. */
    private static List<Optional<Handle>> loaded(List<Handle> handles) {
        List<Optional<Handle>> resident = new ArrayList<>(handles.size());
        RuntimeException failure = null;
        for (Handle handle : handles) {
            try {
                resident.add(handle.entry.adapter.join().map(adapter -> handle));
            } catch (CompletionException e) {
                resident.add(Optional.empty());
                failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        for (int i = 0; i < handles.size(); i++) {
            if (failure != null || resident.get(i).isEmpty()) {
                handles.get(i).close();
            }
        }
        if (failure != null) {
            throw failure;
        }
        return resident;
    }

    /** Makes the adapter resident and tells who waits for it; if that fails, the next one to ask tries again. */
    private void load(Handle handle) {
        Entry entry = handle.entry;
        try {
            Optional<ResidentAdapter> adapter = fetch(handle.id);
            if (adapter.isEmpty()) {
                forget(handle);
            }
            entry.adapter.complete(adapter);
        } catch (Throwable e) {
            forget(handle);
            entry.adapter.completeExceptionally(e);
        } finally {
            loadingEnded();
        }
    }

    private Optional<ResidentAdapter> fetch(String id) {
        Optional<byte[]> bytes = store.get(id);
        if (bytes.isEmpty()) {
            onLost.accept(id);
            return Optional.empty();
        }
        StoredAdapter stored = AdapterCodec.open(bytes.get(), "adapter " + id);
        while (true) {
            try {
                return Optional.of(slab.load(stored));
            } catch (SlabFullException e) {
                if (!evictOne()) {
                    return Optional.empty();
                }
            }
        }
    }

    private synchronized boolean evictOne() {
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.users == 0) {
                all.remove();
                entry.adapter.join().orElseThrow().close();
                return true;
            }
        }
        return false;
    }

    private synchronized void forget(Handle handle) {
        entries.remove(handle.id, handle.entry);
    }

    private synchronized void loadingEnded() {
        loading--;
        notifyAll();
    }

    /** How many adapters are on the device. */
    public synchronized int size() {
        return (int) entries.values().stream()
                .filter(entry -> entry.adapter.isDone())
                .count();
    }

    /** How many of them are in use. */
    public synchronized int inUse() {
        return (int) entries.values().stream()
                .filter(entry -> entry.adapter.isDone() && entry.users > 0)
                .count();
    }

    /** Waits for what is being loaded: nothing writes to memory that is gone. */
    @Override
    public synchronized void close() {
        closed = true;
        boolean interrupted = false;
        while (loading > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        entries.clear();
        slab.close();
    }

    /** An adapter that is on the device, or on its way there: then it has users. */
    private static final class Entry {
        /** Empty if it can't be had. */
        final CompletableFuture<Optional<ResidentAdapter>> adapter = new CompletableFuture<>();

        int users;
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
            return entry.adapter.join().orElseThrow();
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

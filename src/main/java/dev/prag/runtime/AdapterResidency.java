package dev.prag.runtime;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The adapters in device memory, which is the topmost tier of their storage: loaded from the store on first use, kept
 * until the room is needed, the least recently used of those that nobody uses being the first to go. Safe for use by
 * many threads: who asks for what another one is loading shares it, and different adapters are loaded side by side.
 */
public final class AdapterResidency implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AdapterResidency.class.getName());

    private final AdapterStore store;
    private final AdapterSlab slab;
    /** Ids of adapters of which the log told that they can't be had: once each. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    /** In the order of use, the least recent first; guarded by this, and so is the number of each entry's users. */
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private int loading;
    private boolean closed;

    /** @param slab closed with this */
    public AdapterResidency(AdapterStore store, AdapterSlab slab) {
        this.store = store;
        this.slab = slab;
    }

    /** The adapter of that id on the device, for as long as the handle is open; or why it isn't there. */
    public Acquired acquire(String id) {
        return acquire(List.of(id)).getFirst();
    }

    /**
     * As {@link #acquire(String)} for several, which are loaded at the same time.
     *
     * @return for each id, in their order
     */
    public List<Acquired> acquire(List<String> ids) {
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

    /** Waits for all of them; the handles of those that didn't become resident are closed. */
    private static List<Acquired> loaded(List<Handle> handles) {
        List<Acquired> acquired = new ArrayList<>(handles.size());
        RuntimeException failure = null;
        for (Handle handle : handles) {
            try {
                Loaded loaded = handle.entry.loaded.join();
                acquired.add(new Acquired(loaded.adapter == null ? null : handle, loaded.absence, loaded.detail));
                if (loaded.adapter == null) {
                    handle.close();
                }
            } catch (CompletionException e) {
                failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (failure != null) {
            handles.forEach(Handle::close);
            throw failure;
        }
        return acquired;
    }

    /** Makes the adapter resident and tells who waits for it; if that fails, the next one to ask tries again. */
    private void load(Handle handle) {
        Entry entry = handle.entry;
        try {
            Loaded loaded = fetch(handle.id);
            if (loaded.adapter == null) {
                forget(handle);
            }
            entry.loaded.complete(loaded);
        } catch (Throwable e) {
            forget(handle);
            entry.loaded.completeExceptionally(e);
        } finally {
            loadingEnded();
        }
    }

    private Loaded fetch(String id) {
        Optional<byte[]> bytes;
        try {
            bytes = store.get(id);
        } catch (UserException e) {
            return absent(id, AdapterAbsence.UNREADABLE, e.getMessage());
        }
        if (bytes.isEmpty()) {
            return store.isDamaged(id)
                    ? absent(id, AdapterAbsence.DAMAGED, "adapter " + id + " was damaged in the store")
                    : absent(id, AdapterAbsence.MISSING, "adapter " + id + " is missing in the store");
        }
        try {
            return place(AdapterCodec.open(bytes.get(), "adapter " + id));
        } catch (UserException e) {
            return absent(id, AdapterAbsence.UNUSABLE, e.getMessage());
        }
    }

    private Loaded place(StoredAdapter stored) {
        while (true) {
            try {
                return new Loaded(slab.load(stored), null, null);
            } catch (SlabFullException e) {
                if (!evictOne()) {
                    boolean larger =
                            AdapterSlab.footprint(stored.read()) > slab.memory().size();
                    return new Loaded(null, larger ? AdapterAbsence.TOO_LARGE : AdapterAbsence.FULL, null);
                }
            }
        }
    }

    /** Says so in the log the first time, with what isn't for whoever asks, such as paths. */
    private Loaded absent(String id, AdapterAbsence why, String said) {
        if (told.add(id)) {
            String remedy =
                    why == AdapterAbsence.UNREADABLE ? "" : "; `prag adapter check --repair` lets it be encoded again";
            LOG.log(System.Logger.Level.WARNING, "{0}; answers have its passage in the prompt{1}", said, remedy);
        }
        return new Loaded(null, why, why == AdapterAbsence.UNUSABLE ? said : null);
    }

    private synchronized boolean evictOne() {
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.users == 0) {
                all.remove();
                entry.loaded.join().adapter.close();
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
        return (int)
                entries.values().stream().filter(entry -> entry.loaded.isDone()).count();
    }

    /** How many of them are in use. */
    public synchronized int inUse() {
        return (int) entries.values().stream()
                .filter(entry -> entry.loaded.isDone() && entry.users > 0)
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

    /** What loading came to; without an adapter there is a reason, for some with what is wrong in words. */
    private record Loaded(ResidentAdapter adapter, AdapterAbsence absence, String detail) {}

    /** An adapter that is on the device, or on its way there: then it has users. */
    private static final class Entry {
        final CompletableFuture<Loaded> loaded = new CompletableFuture<>();

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
            return entry.loaded.join().adapter;
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

package dev.prag.runtime;

import dev.prag.adapterstore.AdapterRef;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.SlabFullException;
import dev.prag.lora.StoredAdapter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
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
 * many threads: who asks for what another one is loading shares it, and different adapters are loaded side by side. Where
 * adapters in use fill the room, who asks for more waits for it, holding nothing meanwhile, in the order of asking.
 */
public final class AdapterResidency implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AdapterResidency.class.getName());
    private static final String TIER = "device";

    private final AdapterStore store;
    private final AdapterSlab slab;
    private final TierMetrics metrics;
    private final RoomQueue queue;
    /** Ids of adapters of which the log told that they can't be had: once each. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    /** In the order of use, the least recent first; guarded by this, and so is the number of each entry's users. */
    private final Map<AdapterRef, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private int loading;
    private int handles;
    private long evictions;
    private boolean closed;

    /**
     * @param slab closed with this
     * @param patience how long to wait for room
     */
    public AdapterResidency(AdapterStore store, AdapterSlab slab, TierMetrics metrics, Duration patience) {
        this.store = store;
        this.slab = slab;
        this.metrics = metrics;
        this.queue = new RoomQueue(patience);
        metrics.holds(TIER, () -> Float.BYTES * slab.used(), this::evictions);
    }

    /**
     * The adapters on the device, for as long as their handles are open; or why one isn't there. Those that are more
     * than all the room are left out from the end of the list.
     *
     * @return for each of them, in their order
     * @throws BusyException if adapters that others use fill the room for too long; nothing is held then
     */
    public List<Acquired> acquire(List<AdapterRef> refs) {
        if (!queue.isUsed()) {
            Attempt attempt = new Attempt(refs, Set.of());
            if (!attempt.isFull()) {
                return attempt.acquired();
            }
            attempt.giveBack();
            queue.roomGiven();
        }
        Set<AdapterRef> beyond = new HashSet<>();
        return queue.await(() -> acquireInTurn(refs, beyond));
    }

    /**
     * One try of whoever is next.
     *
     * @param beyond those that can't get in beside the ones before them; more may be found
     */
    private Optional<List<Acquired>> acquireInTurn(List<AdapterRef> refs, Set<AdapterRef> beyond) {
        while (true) {
            Attempt attempt = new Attempt(refs, beyond);
            if (!attempt.isFull()) {
                return Optional.of(attempt.acquired());
            }
            boolean more = beyond.addAll(attempt.beyond());
            boolean alone = isAlone(attempt);
            attempt.giveBack();
            if (alone && !more) {
                // Nobody can give room: what isn't used lies in the way.
                evictUnused();
                Attempt last = new Attempt(refs, beyond);
                if (!last.isFull() || isAlone(last)) {
                    return Optional.of(last.acquired());
                }
                last.giveBack();
            }
            if (!more) {
                return Optional.empty();
            }
        }
    }

    /** Brings adapters to the device that somebody is about to ask for, as far as there is room. */
    public void prefetch(List<AdapterRef> refs) {
        if (!queue.isUsed()) {
            new Attempt(refs, Set.of()).giveBack();
            queue.roomGiven();
        }
    }

    /** One try to have several adapters on the device at the same time. */
    private final class Attempt {
        private final List<Handle> handles = new ArrayList<>();
        private final List<Loaded> loaded = new ArrayList<>();

        /** @param beyond those of them that are not even tried */
        Attempt(List<AdapterRef> refs, Set<AdapterRef> beyond) {
            long from = System.nanoTime();
            List<Handle> toLoad = open(refs, beyond);
            // The last one here, the others beside it.
            for (int i = 0; i < toLoad.size(); i++) {
                Handle handle = toLoad.get(i);
                if (i < toLoad.size() - 1) {
                    Thread.ofVirtual().name("prag-adapter").start(() -> load(handle));
                } else {
                    load(handle);
                }
            }
            await();
            Set<Handle> missed = new HashSet<>(toLoad);
            for (Handle handle : handles) {
                if (handle != null) {
                    metrics.read(TIER, !missed.contains(handle), System.nanoTime() - from);
                }
            }
        }

        private List<Handle> open(List<AdapterRef> refs, Set<AdapterRef> beyond) {
            List<Handle> toLoad = new ArrayList<>();
            synchronized (AdapterResidency.this) {
                if (closed) {
                    throw new IllegalStateException("the adapters' memory is closed");
                }
                for (AdapterRef ref : refs) {
                    if (beyond.contains(ref)) {
                        handles.add(null);
                        continue;
                    }
                    Entry entry = entries.get(ref);
                    boolean isNew = entry == null;
                    if (isNew) {
                        entry = new Entry();
                        entries.put(ref, entry);
                    }
                    Handle handle = new Handle(ref, entry);
                    handles.add(handle);
                    if (isNew) {
                        loading++;
                        toLoad.add(handle);
                    }
                }
            }
            return toLoad;
        }

        /** Waits for all of them; if one failed by a mistake, none is held. */
        private void await() {
            RuntimeException failure = null;
            for (Handle handle : handles) {
                try {
                    loaded.add(handle == null ? Loaded.BEYOND : handle.entry.loaded.join());
                } catch (CompletionException e) {
                    failure = e.getCause() instanceof RuntimeException cause ? cause : e;
                }
            }
            if (failure != null) {
                giveBack();
                queue.roomGiven();
                throw failure;
            }
        }

        /** Whether one of them found no room. */
        boolean isFull() {
            return loaded.stream().anyMatch(one -> one.absence == AdapterAbsence.FULL && one != Loaded.BEYOND);
        }

        /** Those for which there is no room beside the ones before them, even if all of it were free. */
        Set<AdapterRef> beyond() {
            Set<AdapterRef> counted = new HashSet<>();
            Set<AdapterRef> beyond = new HashSet<>();
            long room = slab.memory().size();
            for (int i = 0; i < handles.size(); i++) {
                if (handles.get(i) != null && counted.add(handles.get(i).ref)) {
                    if (loaded.get(i).footprint <= room) {
                        room -= loaded.get(i).footprint;
                    } else {
                        beyond.add(handles.get(i).ref);
                    }
                }
            }
            return beyond;
        }

        /** The end of it: handles of those that aren't there are closed. */
        List<Acquired> acquired() {
            List<Acquired> acquired = new ArrayList<>(handles.size());
            for (int i = 0; i < handles.size(); i++) {
                Loaded one = loaded.get(i);
                acquired.add(new Acquired(one.adapter == null ? null : handles.get(i), one.absence, one.detail));
                if (one.adapter == null && handles.get(i) != null) {
                    handles.get(i).close();
                }
            }
            return acquired;
        }

        /** Tells nobody: who waits for room and gives back what he got himself has nothing to wake up for. */
        void giveBack() {
            handles.stream().filter(handle -> handle != null).forEach(Handle::release);
        }
    }

    /**
     * Takes adapters off the device, for good: what was there is written over.
     *
     * @param ids in the store
     * @return how many are in use, and stay until this is called again
     */
    public synchronized int remove(Set<String> ids) {
        int used = 0;
        for (var all = entries.entrySet().iterator(); all.hasNext(); ) {
            var next = all.next();
            if (!ids.contains(next.getKey().id())) {
                continue;
            }
            Entry entry = next.getValue();
            if (closed || entry.users > 0 || !entry.loaded.isDone()) {
                used++;
            } else {
                all.remove();
                evictions++;
                AdapterSlab.Slot slot = entry.loaded.join().adapter;
                slot.erase();
                slot.close();
            }
        }
        return used;
    }

    private synchronized boolean isAlone(Attempt attempt) {
        return handles
                == attempt.handles.stream().filter(handle -> handle != null).count();
    }

    /** Makes the adapter resident and tells who waits for it; if that fails, the next one to ask tries again. */
    private void load(Handle handle) {
        Entry entry = handle.entry;
        try {
            Loaded loaded = fetch(handle.ref);
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

    private Loaded fetch(AdapterRef ref) {
        String id = ref.id();
        Optional<byte[]> bytes;
        try {
            bytes = store.get(id, ref.checksum());
            if (bytes.isEmpty()) {
                return missing(ref);
            }
        } catch (UserException e) {
            return absent(id, AdapterAbsence.UNREADABLE, e.getMessage());
        }
        try {
            return place(AdapterCodec.open(bytes.get(), "adapter " + id));
        } catch (UserException e) {
            return absent(id, AdapterAbsence.UNUSABLE, e.getMessage());
        }
    }

    private Loaded missing(AdapterRef ref) {
        String id = ref.id();
        if (store.isDamaged(id)) {
            return absent(id, AdapterAbsence.DAMAGED, "adapter " + id + " was damaged in the store");
        }
        boolean another = store.stat(id)
                .filter(stat -> !stat.checksum().equals(ref.checksum()))
                .isPresent();
        return another
                ? absent(
                        id,
                        AdapterAbsence.DAMAGED,
                        "adapter " + id + " in the store is not the one that the database knows")
                : absent(id, AdapterAbsence.MISSING, "adapter " + id + " is missing in the store");
    }

    private Loaded place(StoredAdapter stored) {
        while (true) {
            try {
                AdapterSlab.Slot adapter = slab.load(stored);
                return new Loaded(adapter, null, null, AdapterSlab.footprint(stored));
            } catch (SlabFullException e) {
                if (!evictOne()) {
                    long footprint = AdapterSlab.footprint(stored);
                    boolean larger = footprint > slab.memory().size();
                    return new Loaded(
                            null,
                            larger ? AdapterAbsence.TOO_LARGE : AdapterAbsence.FULL,
                            null,
                            larger ? 0 : footprint);
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
        return new Loaded(null, why, why == AdapterAbsence.UNUSABLE ? said : null, 0);
    }

    private synchronized boolean evictOne() {
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.users == 0) {
                all.remove();
                evictions++;
                entry.loaded.join().adapter.close();
                return true;
            }
        }
        return false;
    }

    private void evictUnused() {
        boolean evicted;
        do {
            evicted = evictOne();
        } while (evicted);
    }

    private synchronized long evictions() {
        return evictions;
    }

    private synchronized void forget(Handle handle) {
        entries.remove(handle.ref, handle.entry);
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
        queue.roomGiven();
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

    /**
     * What loading came to; without an adapter there is a reason, for some with what is wrong in words.
     *
     * @param footprint elements of the slab that it takes or would take; 0 where that doesn't matter
     */
    private record Loaded(AdapterSlab.Slot adapter, AdapterAbsence absence, String detail, long footprint) {
        static final Loaded BEYOND = new Loaded(null, AdapterAbsence.FULL, null, 0);
    }

    /** An adapter that is on the device, or on its way there: then it has users. */
    private static final class Entry {
        final CompletableFuture<Loaded> loaded = new CompletableFuture<>();

        int users;
    }

    /** One use of an adapter, which stays on the device until this is closed. */
    public final class Handle implements AutoCloseable {
        private final AdapterRef ref;
        private final Entry entry;
        private boolean closed;

        private Handle(AdapterRef ref, Entry entry) {
            this.ref = ref;
            this.entry = entry;
            entry.users++;
            handles++;
        }

        /** Id in the store. */
        public String id() {
            return ref.id();
        }

        public ResidentAdapter adapter() {
            return entry.loaded.join().adapter;
        }

        private void release() {
            synchronized (AdapterResidency.this) {
                if (!closed) {
                    closed = true;
                    entry.users--;
                    handles--;
                }
            }
        }

        @Override
        public void close() {
            release();
            queue.roomGiven();
        }
    }
}

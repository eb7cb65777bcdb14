package dev.prag.adapterstore;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps the bytes of adapters that were used last in memory, up to a bound, above another store. */
public final class CachingAdapterStore implements AdapterStore {
    private final AdapterStore below;
    private final long maxBytes;
    /** In the order of use, the least recent first. */
    private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);

    private long keptBytes;

    /**
     * A cache above a store.
     *
     * @param maxBytes most bytes kept in memory; an adapter that is larger is never kept
     */
    public CachingAdapterStore(AdapterStore below, long maxBytes) {
        this.below = below;
        this.maxBytes = maxBytes;
    }

    @Override
    public String put(String id, byte[] bytes) {
        forget(id);
        return below.put(id, bytes);
    }

    @Override
    public Optional<byte[]> get(String id) {
        synchronized (this) {
            byte[] bytes = kept.get(id);
            if (bytes != null) {
                return Optional.of(bytes.clone());
            }
        }
        Optional<byte[]> bytes = below.get(id);
        bytes.ifPresent(found -> keep(id, found));
        return bytes;
    }

    @Override
    public boolean delete(String id) {
        boolean deleted = below.delete(id);
        forget(id);
        return deleted;
    }

    @Override
    public List<Entry> list() {
        return below.list();
    }

    /** Bytes that are kept in memory now. */
    public synchronized long keptBytes() {
        return keptBytes;
    }

    private synchronized void keep(String id, byte[] bytes) {
        if (bytes.length > maxBytes) {
            return;
        }
        forget(id);
        kept.put(id, bytes.clone());
        keptBytes += bytes.length;
        Iterator<byte[]> eldest = kept.values().iterator();
        while (keptBytes > maxBytes) {
            keptBytes -= eldest.next().length;
            eldest.remove();
        }
    }

    private synchronized void forget(String id) {
        byte[] old = kept.remove(id);
        if (old != null) {
            keptBytes -= old.length;
        }
    }
}

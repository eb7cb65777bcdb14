package dev.prag.adapterstore;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the adapters that were used last in memory, up to a number of bytes. The arrays are shared: whoever gets one
 * only reads it.
 */
public final class CachingAdapterStore implements AdapterStore {
    private final AdapterStore below;
    private final long capacity;
    private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long size;

    /** Over a store, holding at most {@code capacity} bytes; an adapter larger than that isn't held. */
    public CachingAdapterStore(AdapterStore below, long capacity) {
        this.below = below;
        this.capacity = capacity;
    }

    @Override
    public String put(String id, byte[] bytes) {
        forget(id);
        String checksum = below.put(id, bytes);
        keep(id, bytes.clone());
        return checksum;
    }

    @Override
    public Optional<byte[]> get(String id) {
        synchronized (kept) {
            byte[] held = kept.get(id);
            if (held != null) {
                return Optional.of(held);
            }
        }
        Optional<byte[]> read = below.get(id);
        read.ifPresent(bytes -> keep(id, bytes));
        return read;
    }

    @Override
    public boolean delete(String id) {
        try {
            return below.delete(id);
        } finally {
            // After the deletion, so that a read that runs beside it can't bring it back for long.
            forget(id);
        }
    }

    @Override
    public List<Entry> list() {
        return below.list();
    }

    /** Bytes held now. */
    long heldBytes() {
        synchronized (kept) {
            return size;
        }
    }

    private void keep(String id, byte[] bytes) {
        if (bytes.length > capacity) {
            return;
        }
        synchronized (kept) {
            forget(id);
            kept.put(id, bytes);
            size += bytes.length;
            Iterator<byte[]> oldest = kept.values().iterator();
            while (size > capacity) {
                size -= oldest.next().length;
                oldest.remove();
            }
        }
    }

    private void forget(String id) {
        synchronized (kept) {
            byte[] held = kept.remove(id);
            if (held != null) {
                size -= held.length;
            }
        }
    }
}

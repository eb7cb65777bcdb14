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
    /** In the order of use; guarded by itself, as are the numbers. */
    private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);

    private long size;
    /** How often something was put or deleted. */
    private long changes;

    /** Over a store, holding at most {@code capacity} bytes; an adapter larger than that isn't held. */
    public CachingAdapterStore(AdapterStore below, long capacity) {
        this.below = below;
        this.capacity = capacity;
    }

    @Override
    public String put(String id, byte[] bytes) {
        try {
            String checksum = below.put(id, bytes);
            change(id, bytes.clone());
            return checksum;
        } catch (RuntimeException e) {
            change(id, null);
            throw e;
        }
    }

    @Override
    public Optional<byte[]> get(String id) {
        long before;
        synchronized (kept) {
            byte[] held = kept.get(id);
            if (held != null) {
                return Optional.of(held);
            }
            before = changes;
        }
        Optional<byte[]> read = below.get(id);
        synchronized (kept) {
            // What was put or deleted meanwhile may be what was read: then it is old.
            if (changes == before) {
                read.ifPresent(bytes -> keep(id, bytes));
            }
        }
        return read;
    }

    @Override
    public Optional<Stat> stat(String id) {
        return below.stat(id);
    }

    @Override
    public String claim(String corpusId) {
        return below.claim(corpusId);
    }

    @Override
    public boolean isDamaged(String id) {
        return below.isDamaged(id);
    }

    @Override
    public boolean delete(String id) {
        try {
            return below.delete(id);
        } finally {
            change(id, null);
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

    /** After the change below, so that a read which began before it doesn't last. */
    private void change(String id, byte[] bytes) {
        synchronized (kept) {
            changes++;
            forget(id);
            if (bytes != null) {
                keep(id, bytes);
            }
        }
    }

    private void keep(String id, byte[] bytes) {
        if (bytes.length > capacity) {
            return;
        }
        forget(id);
        kept.put(id, bytes);
        size += bytes.length;
        Iterator<byte[]> oldest = kept.values().iterator();
        while (size > capacity) {
            size -= oldest.next().length;
            oldest.remove();
        }
    }

    private void forget(String id) {
        byte[] held = kept.remove(id);
        if (held != null) {
            size -= held.length;
        }
    }
}

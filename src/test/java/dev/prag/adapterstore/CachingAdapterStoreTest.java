package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachingAdapterStoreTest extends AdapterStoreContract {
    @TempDir
    Path root;

    @Override
    AdapterStore store() {
        return new CachingAdapterStore(new FileAdapterStore(root), 1 << 20);
    }

    @Test
    void holdsTheLastUsedUpToItsBound() {
        CachingAdapterStore store = new CachingAdapterStore(new FileAdapterStore(root), 100);
        store.put("aaaaaaaa", random(40));
        store.put("bbbbbbbb", random(40));
        byte[] held = store.get("aaaaaaaa").orElseThrow();
        store.put("cccccccc", random(40));
        assertEquals(80, store.heldBytes());
        assertSame(held, store.get("aaaaaaaa").orElseThrow());
        assertArrayEquals(random(40), store.get("bbbbbbbb").orElseThrow());
        assertEquals(80, store.heldBytes());

        store.put("dddddddd", random(101));
        assertEquals(80, store.heldBytes());
        assertEquals(101, store.get("dddddddd").orElseThrow().length);
        store.delete("aaaaaaaa");
        store.delete("bbbbbbbb");
        assertEquals(0, store.heldBytes());
    }

    @Test
    void whatWasPutIsItsOwn() {
        AdapterStore store = store();
        byte[] bytes = random(10);
        store.put("aaaaaaaa", bytes);
        bytes[0]++;
        assertArrayEquals(random(10), store.get("aaaaaaaa").orElseThrow());
        assertTrue(store.get("bbbbbbbb").isEmpty());
    }

    @Test
    void aReadDuringAChangeIsNotKept() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        FileAdapterStore files = new FileAdapterStore(root);
        AdapterStore below = new AdapterStore() {
            @Override
            public String put(String id, byte[] bytes) {
                return files.put(id, bytes);
            }

            @Override
            public Optional<byte[]> get(String id) {
                Optional<byte[]> read = files.get(id);
                meanwhile.getAndSet(() -> {}).run();
                return read;
            }

            @Override
            public Optional<Stat> stat(String id) {
                return files.stat(id);
            }

            @Override
            public String claim(String corpusId) {
                return files.claim(corpusId);
            }

            @Override
            public boolean delete(String id) {
                return files.delete(id);
            }

            @Override
            public List<Entry> list() {
                return files.list();
            }
        };
        CachingAdapterStore store = new CachingAdapterStore(below, 100);
        files.put("aaaaaaaa", random(10));
        meanwhile.set(() -> store.put("aaaaaaaa", random(20)));
        assertEquals(10, store.get("aaaaaaaa").orElseThrow().length);
        assertEquals(20, store.get("aaaaaaaa").orElseThrow().length);

        files.put("bbbbbbbb", random(10));
        meanwhile.set(() -> store.delete("bbbbbbbb"));
        assertTrue(store.get("bbbbbbbb").isPresent());
        assertTrue(store.get("bbbbbbbb").isEmpty());
    }
}

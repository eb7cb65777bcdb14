package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CachingAdapterStoreTest extends AdapterStoreContract {
    private FileAdapterStore files;

    @Override
    AdapterStore open(Path below) {
        files = new FileAdapterStore(below);
        return new CachingAdapterStore(files, 100);
    }

    @Test
    void theHotOnesComeFromMemoryWithinTheBound() {
        CachingAdapterStore cache = (CachingAdapterStore) store;
        cache.put(A, new byte[60]);
        cache.put(B, new byte[60]);
        assertEquals(0, cache.keptBytes(), "what is only written is not hot");
        cache.get(A);
        assertEquals(60, cache.keptBytes());
        files.delete(A);
        assertArrayEquals(new byte[60], cache.get(A).orElseThrow());
        cache.get(B);
        assertEquals(60, cache.keptBytes(), "the least recently used made room");
        assertEquals(true, cache.get(A).isEmpty());
    }

    @Test
    void whatIsLargerThanTheBoundIsNotKept() {
        CachingAdapterStore cache = (CachingAdapterStore) store;
        cache.put(A, new byte[101]);
        assertEquals(101, cache.get(A).orElseThrow().length);
        assertEquals(0, cache.keptBytes());
    }
}

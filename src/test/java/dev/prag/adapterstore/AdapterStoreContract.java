package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.Hashes;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What every store does. */
abstract class AdapterStoreContract {
    private static final String ID = "0123456789abcdef";
    private static final String OTHER = "fedcba9876543210";

    /** An empty store. */
    abstract AdapterStore store();

    @Test
    void givesBackWhatWasPut() {
        AdapterStore store = store();
        byte[] bytes = random(100_000);
        assertEquals(Hashes.sha256(bytes), store.put(ID, bytes));
        assertArrayEquals(bytes, store.get(ID).orElseThrow());
        assertTrue(store.get(OTHER).isEmpty());
        store.put(OTHER, new byte[0]);
        assertEquals(0, store.get(OTHER).orElseThrow().length);
    }

    @Test
    void theLastPutCounts() {
        AdapterStore store = store();
        store.put(ID, random(10));
        byte[] bytes = random(20);
        store.put(ID, bytes);
        assertArrayEquals(bytes, store.get(ID).orElseThrow());
        assertEquals(1, store.list().size());
    }

    @Test
    void listsIdsAndSizes() {
        AdapterStore store = store();
        assertEquals(List.of(), store.list());
        store.put(OTHER, random(20));
        store.put(ID, random(10));
        List<AdapterStore.Entry> entries = store.list();
        assertEquals(
                List.of(ID, OTHER), entries.stream().map(AdapterStore.Entry::id).toList());
        assertEquals(
                List.of(10L, 20L),
                entries.stream().map(AdapterStore.Entry::bytes).toList());
        assertNotNull(entries.getFirst().modifiedAt());
    }

    @Test
    void whatIsDeletedIsGone() {
        AdapterStore store = store();
        store.put(ID, random(10));
        assertTrue(store.delete(ID));
        assertFalse(store.delete(ID));
        assertTrue(store.get(ID).isEmpty());
        assertEquals(List.of(), store.list());
    }

    @Test
    void idsAreHashes() {
        AdapterStore store = store();
        for (String id : List.of("", "ab", "../../../etc/passwd", "0123456789ABCDEF", "0123456789abcdeg")) {
            assertThrows(IllegalArgumentException.class, () -> store.put(id, new byte[1]), id);
            assertThrows(IllegalArgumentException.class, () -> store.get(id), id);
        }
    }

    @Test
    void readersSeeOneVersionOrTheOther() throws Exception {
        AdapterStore store = store();
        byte[] first = random(50_000);
        byte[] second = random(60_000);
        store.put(ID, first);
        Callable<Boolean> writer = () -> {
            for (int i = 0; i < 20; i++) {
                store.put(ID, i % 2 == 0 ? second : first);
            }
            return true;
        };
        Callable<Boolean> reader = () -> {
            for (int i = 0; i < 200; i++) {
                int length = store.get(ID).orElseThrow().length;
                if (length != first.length && length != second.length) {
                    return false;
                }
            }
            return true;
        };
        try (var threads = Executors.newFixedThreadPool(3)) {
            for (var done : threads.invokeAll(List.of(writer, reader, reader))) {
                assertTrue(done.get());
            }
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}

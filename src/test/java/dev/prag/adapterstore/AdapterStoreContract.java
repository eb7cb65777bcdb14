package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.Hashes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
    void theChecksumDecidesWhichBytesAreMeant() throws InterruptedException {
        AdapterStore store = store();
        byte[] bytes = random(10);
        String checksum = store.put(ID, bytes);
        assertArrayEquals(bytes, store.get(ID, checksum).orElseThrow());
        String other = store.put(ID, random(20));
        store.get(ID, checksum).ifPresent(copy -> assertArrayEquals(bytes, copy, "the old ones or none"));
        assertArrayEquals(random(20), store.get(ID, other).orElseThrow());
        assertArrayEquals(random(20), store.get(ID, other).orElseThrow());
        assertTrue(store.get(OTHER, other).isEmpty());
        if (store instanceof TieredAdapterStore tiered) {
            // A copy that comes after it was deleted goes again, but not at once.
            tiered.awaitQuiet();
        }
        store.delete(ID);
        assertTrue(store.get(ID, other).isEmpty(), "it was deleted");
    }

    @Test
    void severalAtOnceAreThoseThatAreThere() {
        AdapterStore store = store();
        String first = store.put(ID, random(10));
        String second = store.put(OTHER, random(20));
        Map<String, byte[]> found = store.getAll(Map.of(ID, first, OTHER, first, "aaaaaaaa", second));
        assertEquals(Set.of(ID), found.keySet(), "one is another, one is missing");
        assertArrayEquals(random(10), found.get(ID));
        assertEquals(
                Set.of(ID, OTHER),
                store.getAll(Map.of(ID, first, OTHER, second)).keySet());
        assertEquals(Map.of(), store.getAll(Map.of()));
    }

    @Test
    void whatIsKeptSaysHowLongItIsAndItsChecksum() {
        AdapterStore store = store();
        assertTrue(store.stat(ID).isEmpty());
        String checksum = store.put(ID, random(1000));
        assertEquals(new AdapterStore.Stat(1000, checksum), store.stat(ID).orElseThrow());
        String ofNothing = store.put(OTHER, new byte[0]);
        assertEquals(
                Map.of(ID, new AdapterStore.Stat(1000, checksum), OTHER, new AdapterStore.Stat(0, ofNothing)),
                store.statAll(List.of(ID, "aaaaaaaa", OTHER)));
    }

    @Test
    void theFirstCorpusOwnsTheStore() throws Exception {
        AdapterStore store = store();
        store.put(ID, random(10));
        Set<String> owners = new HashSet<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Callable<String>> claims = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String corpus = "corpus-" + i;
                claims.add(() -> store.claim(corpus));
            }
            for (var owner : threads.invokeAll(claims)) {
                owners.add(owner.get());
            }
        }
        assertEquals(1, owners.size(), "all are told the same");
        String owner = owners.iterator().next();
        assertEquals(owner, store.claim("late"));
        assertEquals(owner, store.claim(owner));
        assertEquals(1, store.list().size(), "it is no adapter");
        for (String bad : List.of("", "a b", "x\ny")) {
            assertThrows(IllegalArgumentException.class, () -> store.claim(bad), bad);
        }
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

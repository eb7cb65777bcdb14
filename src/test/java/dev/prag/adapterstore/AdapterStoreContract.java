package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.Hashes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store of adapters does. */
abstract class AdapterStoreContract {
    static final String A = Hashes.sha256("a");
    static final String B = Hashes.sha256("b");

    @TempDir
    Path directory;

    AdapterStore store;

    abstract AdapterStore open(Path below);

    @BeforeEach
    void openStore() {
        store = open(directory);
    }

    @Test
    void whatWasPutComesBack() {
        byte[] bytes = {1, 2, 3};
        assertEquals(Hashes.sha256(bytes), store.put(A, bytes));
        assertArrayEquals(bytes, store.get(A).orElseThrow());
        assertArrayEquals(bytes, store.get(A).orElseThrow(), "and a second time");
        assertTrue(store.get(B).isEmpty());
    }

    @Test
    void callersCannotChangeWhatIsKept() {
        byte[] bytes = {1, 2, 3};
        store.put(A, bytes);
        bytes[0] = 9;
        store.get(A).orElseThrow()[1] = 9;
        assertArrayEquals(new byte[] {1, 2, 3}, store.get(A).orElseThrow());
    }

    @Test
    void puttingAgainReplaces() {
        store.put(A, new byte[] {1});
        assertArrayEquals(new byte[] {1}, store.get(A).orElseThrow());
        store.put(A, new byte[] {2, 2});
        assertArrayEquals(new byte[] {2, 2}, store.get(A).orElseThrow());
        assertEquals(1, store.list().size());
    }

    @Test
    void deletedIsGone() {
        store.put(A, new byte[] {1});
        store.get(A);
        assertTrue(store.delete(A));
        assertTrue(store.get(A).isEmpty());
        assertFalse(store.delete(A));
        assertEquals(List.of(), store.list());
    }

    @Test
    void listedInTheOrderOfIdsWithSizes() {
        store.put(A, new byte[10]);
        store.put(B, new byte[20]);
        List<AdapterStore.Entry> entries = store.list();
        List<String> ids = entries.stream().map(AdapterStore.Entry::id).toList();
        assertEquals(List.of(A, B).stream().sorted().toList(), ids);
        assertEquals(
                A.compareTo(B) < 0 ? List.of(10L, 20L) : List.of(20L, 10L),
                entries.stream().map(AdapterStore.Entry::bytes).toList());
    }

    @Test
    void emptyBytesAreBytes() {
        store.put(A, new byte[0]);
        assertEquals(0, store.get(A).orElseThrow().length);
    }

    @Test
    void anotherProcessFindsIt() {
        store.put(A, new byte[] {1, 2});
        assertArrayEquals(new byte[] {1, 2}, open(directory).get(A).orElseThrow());
    }

    @Test
    void onlyHashesAreIds() {
        assertThrows(IllegalArgumentException.class, () -> store.put("../../etc/passwd", new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> store.get("x"));
    }
}

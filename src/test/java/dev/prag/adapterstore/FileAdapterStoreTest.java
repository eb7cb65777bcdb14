package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FileAdapterStoreTest extends AdapterStoreContract {
    @Override
    AdapterStore open(Path below) {
        return new FileAdapterStore(below);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void oneFlippedBitAndItIsAbsentAndMovedAside() throws IOException {
        store.put(A, new byte[] {1, 2, 3, 4});
        Path file = files().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        bytes[2] ^= 1;
        Files.write(file, bytes);
        assertTrue(store.get(A).isEmpty());
        assertEquals(List.of(), store.list());
        assertTrue(files().getFirst().toString().endsWith(".corrupt"), "kept for whoever wants to know why");
    }

    @Test
    void aTruncatedFileIsAbsent() throws IOException {
        store.put(A, new byte[] {1, 2, 3, 4});
        Path file = files().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, 7));
        assertTrue(store.get(A).isEmpty());
    }

    @Test
    void whereNothingCanBeWrittenItSaysSoAndLeavesNothing() throws IOException {
        Path blocked = directory.resolve("blocked");
        Files.writeString(blocked, "a file where the directory should be");
        UserException e = assertThrows(UserException.class, () -> new FileAdapterStore(blocked).put(A, new byte[] {1}));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains(blocked.toString()), e.getMessage());
        assertEquals(List.of(blocked), files());
    }
}

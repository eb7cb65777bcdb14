package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAdapterStoreTest extends AdapterStoreContract {
    private static final String ID = "00ff00ff00ff";

    @TempDir
    Path root;

    @Override
    AdapterStore store() {
        return new FileAdapterStore(root);
    }

    @Test
    void staysForTheNextProcess() {
        byte[] bytes = random(1000);
        store().put(ID, bytes);
        assertArrayEquals(bytes, store().get(ID).orElseThrow());
    }

    @Test
    void whatIsDamagedIsMovedAsideAndAbsent() throws IOException {
        AdapterStore store = store();
        Path file = root.resolve("00").resolve("ff").resolve(ID + ".adapter");
        for (int damage = 0; damage < 4; damage++) {
            store.put(ID, random(1000));
            assertFalse(store.isDamaged(ID));
            byte[] written = Files.readAllBytes(file);
            if (damage == 0) {
                written[500] ^= 1;
                Files.write(file, written);
            } else if (damage == 1) {
                written[written.length - 1] ^= 1;
                Files.write(file, written);
            } else {
                Files.write(file, Arrays.copyOf(written, damage == 2 ? 500 : 0));
            }
            assertTrue(store.get(ID).isEmpty());
            assertFalse(Files.exists(file));
            assertTrue(store.isDamaged(ID));
            assertTrue(Files.exists(root.resolve("damaged").resolve(ID + ".adapter")));
            assertEquals(0, store.list().size());
        }
    }

    @Test
    void aFailedWriteNamesThePathAndLeavesNothing() throws IOException {
        AdapterStore store = store();
        Files.write(root.resolve("00"), new byte[0]);
        UserException failed = assertThrows(UserException.class, () -> store.put(ID, random(10)));
        assertEquals(UserException.Kind.ENVIRONMENT, failed.kind());
        assertTrue(failed.getMessage().contains(root.toString()), failed.getMessage());
        assertTrue(failed.getMessage().contains("--home"), failed.getMessage());
        try (Stream<Path> left = Files.list(root.resolve("tmp"))) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void whatAKilledWriterLeftIsRemovedLater() throws IOException {
        store();
        Path old = Files.write(root.resolve("tmp").resolve("old"), new byte[1]);
        Path young = Files.write(root.resolve("tmp").resolve("young"), new byte[1]);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        assertEquals(0, store().list().size());
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young));
    }

    @Test
    void theIdOfTheCorpusIsAFileBesideTheAdapters() throws IOException {
        assertEquals("mine", store().claim("mine"));
        assertEquals("mine", store().claim("other"));
        Path file = root.resolve("corpus");
        assertEquals("mine\n", Files.readString(file));
        try (Stream<Path> left = Files.list(root.resolve("tmp"))) {
            assertEquals(0, left.count());
        }
        Files.writeString(file, "");
        UserException e = assertThrows(UserException.class, () -> store().claim("mine"));
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }

    @Test
    void oneThatWasCutOffHasNoChecksum() throws IOException {
        AdapterStore store = store();
        store.put(ID, random(1000));
        Files.write(root.resolve("00").resolve("ff").resolve(ID + ".adapter"), random(31));
        assertEquals(new AdapterStore.Stat(0, ""), store.stat(ID).orElseThrow());
    }
}

package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.Blobs.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobsTest extends BlobsContract {
    @TempDir
    Path folder;

    @Override
    Blobs blobs() {
        return new FileBlobs(folder);
    }

    @Test
    void whatAKilledWriterLeftIsNotListedAndIsRemovedLater() throws IOException {
        blobs().put("a/x", new byte[1]);
        Path old = Files.write(folder.resolve("a").resolve("old~"), new byte[1]);
        Path young = Files.write(folder.resolve("a").resolve("young~"), new byte[1]);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        assertEquals(List.of(new Blob("a/x", 1)), blobs().list("a/"));
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young));
    }
}

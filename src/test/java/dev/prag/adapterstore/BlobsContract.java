package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.Blobs.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every durable store does with what isn't an adapter. */
abstract class BlobsContract {
    @TempDir
    Path here;

    /** Empty ones. */
    abstract Blobs blobs();

    @Test
    void whatIsPutIsThereUntilItIsDeleted() throws IOException {
        Blobs blobs = blobs();
        assertTrue(blobs.get("index/a/x").isEmpty());
        assertFalse(blobs.get("index/a/x", here.resolve("none")));
        assertFalse(Files.exists(here.resolve("none")));
        byte[] content = new byte[3 << 20];
        new Random(1).nextBytes(content);
        Path file = Files.write(here.resolve("content"), content);
        blobs.put("index/a/x", file);
        blobs.put("index/a/y", new byte[0]);
        blobs.put("index/b/z", new byte[] {1});
        blobs.put("index/b/z", new byte[] {1, 2});
        assertArrayEquals(content, blobs.get("index/a/x").orElseThrow());
        assertTrue(blobs.get("index/a/x", here.resolve("back")));
        assertArrayEquals(content, Files.readAllBytes(here.resolve("back")));
        assertEquals(List.of(new Blob("index/a/x", content.length), new Blob("index/a/y", 0)), blobs.list("index/a/"));
        assertEquals(List.of(new Blob("index/b/z", 2)), blobs.list("index/b"));
        assertEquals(3, blobs.list("index/").size());
        assertEquals(List.of(), blobs.list("none/"));
        blobs.delete("index/a/x");
        blobs.delete("index/a/x");
        assertEquals(List.of(new Blob("index/a/y", 0)), blobs.list("index/a/"));
    }
}

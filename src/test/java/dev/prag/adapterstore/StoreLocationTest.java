package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.StoreLocation.Bucket;
import dev.prag.adapterstore.StoreLocation.Folder;
import dev.prag.base.UserException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreLocationTest {
    @Test
    void foldersAndBuckets() {
        assertEquals(new Folder(Path.of("/srv/adapters")), StoreLocation.of("file:/srv/adapters"));
        assertEquals(new Folder(Path.of("/srv/adapters")), StoreLocation.of("file:///srv/adapters/"));
        assertEquals(new Folder(Path.of("beside").toAbsolutePath()), StoreLocation.of("file:beside"));
        assertEquals(new Bucket("models", ""), StoreLocation.of("s3://models"));
        assertEquals(new Bucket("models", "team/a/"), StoreLocation.of("S3://models/team/a/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "adapters",
                "/srv/adapters",
                "file:",
                "file://host/srv",
                "https://models.example/a",
                "s3:models",
                "s3:///prefix",
                "s3://models/a?versionId=1",
                "s3://mo dels/a"
            })
    void whatIsNeitherIsRefused(String url) {
        UserException e = assertThrows(UserException.class, () -> StoreLocation.of(url));
        assertTrue(e.getMessage().startsWith("prag.store.url "), e.getMessage());
    }

    @Test
    void keysInTheUrlAreNeitherTakenNorShown() {
        UserException e = assertThrows(UserException.class, () -> StoreLocation.of("s3://AKIA123:secret@models/a"));
        assertFalse(e.getMessage().contains("secret"), e.getMessage());
    }
}

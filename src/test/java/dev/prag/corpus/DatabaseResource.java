package dev.prag.corpus;

import dev.prag.base.Home;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A home with its database for all tests that run inside Quarkus. */
public class DatabaseResource implements QuarkusTestResourceLifecycleManager {
    private Path directory;
    private EmbeddedDatabase database;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("prag-test-home");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        database = EmbeddedDatabase.start(Home.of(directory));
        Map<String, String> properties = new HashMap<>(database.properties());
        properties.put("prag.home", directory.toString());
        properties.put("prag.store.removal-grace", "0s");
        properties.put("prag.rest.max-body-mib", "12");
        properties.put("prag.rest.origins", "http://portal.localhost");
        return properties;
    }

    @Override
    public void stop() {
        try {
            if (database != null) {
                database.close();
            }
            if (directory != null) {
                PostgresBinaries.deleteTree(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

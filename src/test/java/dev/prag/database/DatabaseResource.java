package dev.prag.database;

import dev.prag.base.Home;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
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
        waitForNoDisk();
        properties.put("prag.home", directory.toString());
        properties.put("prag.store.removal-grace", "0s");
        properties.put("prag.rest.max-body-mib", "12");
        properties.put("prag.rest.origins", "http://portal.localhost");
        return properties;
    }

    /** Nothing of it has to survive a power cut; commits that are sure of the disk take most of the time of small ones. */
    private void waitForNoDisk() {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
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

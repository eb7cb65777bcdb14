package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** What databases of earlier versions hold is there after their upgrade, in a schema of its own. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UpgradeTest {
    private static final String SCHEMA = "upgrade";

    @Inject
    DataSource source;

    @ConfigProperty(name = "prag.database.url")
    String url;

    @ConfigProperty(name = "prag.database.username")
    String user;

    @ConfigProperty(name = "prag.database.password")
    String password;

    private String address() {
        return url + "&currentSchema=" + SCHEMA;
    }

    private void migrate(String target) {
        Flyway.configure()
                .dataSource(address(), user, password)
                .schemas(SCHEMA)
                .locations("classpath:db/migration")
                .target(target)
                .load()
                .migrate();
    }

    @Test
    void passagesKeepTheirOrderTheirStatesAndTheirCounts() throws SQLException {
        migrate("4");
        try (Connection connection = DriverManager.getConnection(address(), user, password);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO document (id, metadata, content_hash, created_at, updated_at)"
                    + " SELECT 'd' || i, '{}', 'h', now(), now() FROM generate_series(1, 3) i ORDER BY i");
            // The order of hashes is not that of arrival, and a text is in two documents.
            statement.execute(
                    "INSERT INTO passage_text (hash, text) VALUES ('c', 'one'), ('b', 'two'), ('a', 'three')");
            statement.execute("INSERT INTO passage (id, document_id, position, text_hash) VALUES ('p1', 'd1', 0, 'c'),"
                    + " ('p2', 'd1', 1, 'b'), ('p3', 'd2', 0, 'a'), ('p4', 'd3', 0, 'c')");
            statement.execute("INSERT INTO adapter (id, text_hash, model, recipe, checksum, bytes, created_at)"
                    + " VALUES ('ad', 'c', 'm', 'r', 's', 1, now())");
            statement.execute("INSERT INTO encoding (text_hash, model, recipe, state, adapter_id, updated_at)"
                    + " VALUES ('a', 'm', 'r', 'PENDING', NULL, now()), ('c', 'm', 'r', 'READY', 'ad', now())");
            statement.execute(
                    "INSERT INTO augmentation (text_hash, key, body, created_at) VALUES ('a', 'k', '{\"pairs\":"
                            + " [{\"question\": \"Who?\"}, {\"question\": \"It is what?\", \"kind\": \"cloze\"},"
                            + " {\"question\": \"Where?\", \"kind\": \"fact\"}]}', now()), ('b', 'k', '{}', now())");
            migrate("latest");
            assertEquals(
                    List.of("a {Who?,Where?}", "b {}"),
                    strings(
                            statement,
                            "SELECT text_hash || ' ' || questions::text FROM augmentation ORDER BY text_hash"));
            assertEquals(
                    List.of("c 2", "a 1"),
                    strings(statement, "SELECT text_hash || ' ' || passages FROM encoding ORDER BY seq"));
            assertEquals(List.of("c", "b", "a"), strings(statement, "SELECT hash FROM passage_text ORDER BY seq"));
            assertEquals(
                    List.of("3 4"),
                    strings(statement, "SELECT sum(documents) || ' ' || sum(passages) FROM corpus_count"));
            assertEquals(
                    List.of("PENDING 1", "READY 2"),
                    strings(
                            statement,
                            "SELECT state || ' ' || sum(passages) FROM encoding_count GROUP BY state ORDER BY 1"));
            statement.execute("INSERT INTO passage_text (hash, text) VALUES ('0', 'four')");
            assertEquals(
                    "0",
                    strings(statement, "SELECT hash FROM passage_text ORDER BY seq")
                            .getLast());
        } finally {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP SCHEMA " + SCHEMA + " CASCADE");
            }
        }
    }

    private static List<String> strings(Statement statement, String sql) throws SQLException {
        List<String> strings = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
        }
        return strings;
    }
}

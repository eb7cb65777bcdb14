package dev.prag.access;

import io.quarkus.agroal.DataSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Looks keys up as each request needs it, over the connections that answers have: whoever asks must not wait until writers
 * and listings give theirs back.
 */
@Singleton
class KeyLookup {
    private static final String FIND =
            "SELECT name, roles, groups, expires_at, revoked_at, used_at FROM api_key WHERE hash = ?";
    private static final String USE = "UPDATE api_key SET used_at = ? WHERE hash = ?";
    private static final String ANY = "SELECT EXISTS (SELECT FROM api_key)";

    @Inject
    @DataSource("answers")
    javax.sql.DataSource source;

    /**
     * The key of that hash if it is valid at that time, which is noted as its use.
     *
     * @param exactly how far the use that is known may lie back before it is noted anew
     */
    Optional<ApiKey> find(String hash, Instant at, Duration exactly) {
        try (Connection connection = source.getConnection()) {
            Optional<ApiKey> key = read(connection, hash).filter(found -> found.isValid(at));
            if (key.isPresent()
                    && (key.get().usedAt == null
                            || key.get().usedAt.plus(exactly).isBefore(at))) {
                use(connection, hash, at);
            }
            return key;
        } catch (SQLException e) {
            throw new IllegalStateException("database: " + e.getMessage(), e);
        }
    }

    private static Optional<ApiKey> read(Connection connection, String hash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, hash);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                ApiKey key = new ApiKey();
                key.name = row.getString("name");
                key.roles = List.of((String[]) row.getArray("roles").getArray());
                key.groups = List.of((String[]) row.getArray("groups").getArray());
                key.expiresAt = time(row, "expires_at");
                key.revokedAt = time(row, "revoked_at");
                key.usedAt = time(row, "used_at");
                return Optional.of(key);
            }
        }
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static void use(Connection connection, String hash, Instant at) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(USE)) {
            statement.setObject(1, at.atOffset(ZoneOffset.UTC));
            statement.setString(2, hash);
            statement.executeUpdate();
        }
    }

    /** Whether a key was ever made here. */
    boolean any() {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(ANY);
                ResultSet row = statement.executeQuery()) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException("database: " + e.getMessage(), e);
        }
    }
}

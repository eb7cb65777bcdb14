package dev.prag.database;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CancellationException;
import org.postgresql.Driver;

/** A PostgreSQL that somebody else runs. */
public final class ExternalDatabase {
    private static final int OLDEST = 15;
    private static final String CONNECT_SECONDS = "10";
    private static final long PAUSE_MILLIS = 250;

    private ExternalDatabase() {}

    /**
     * As {@link #check}, until somebody answers there: what is started together with its database, or into a network that
     * is still being set up, comes too early.
     *
     * @param patience how long to try; once where it is zero
     */
    public static void await(String url, String username, String password, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                check(url, username, password);
                return;
            } catch (UserException e) {
                if (e.kind() != Kind.ENVIRONMENT || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted while waiting for the database");
            }
        }
    }

    /**
     * Tries it before the service starts on it, whose own words about a database that can't be used help nobody.
     *
     * @param url as {@code jdbc:postgresql://host:port/name}
     * @param username null where the URL or the server says it
     * @param password null where none is needed
     * @throws UserException of kind BAD_INPUT if the address or the login is wrong or the server too old, of kind
     *     ENVIRONMENT if nobody answers there
     */
    public static void check(String url, String username, String password) {
        Driver driver = new Driver();
        DatabaseUrl database = DatabaseUrl.of(url);
        String shown = database.shown();
        if (!driver.acceptsURL(database.address())) {
            throw new UserException(
                    "database URL " + shown + " is not understood; give it as jdbc:postgresql://host:port/name");
        }
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        put(properties, "user", username != null ? username : database.username());
        put(properties, "password", password != null ? password : database.password());
        try (Connection connection = driver.connect(database.address(), properties)) {
            if (connection == null) {
                throw new UserException(
                        "database URL " + shown + " is not understood; give it as jdbc:postgresql://host:port/name");
            }
            int version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST) {
                throw new UserException(
                        "the database at " + shown + " is PostgreSQL " + version + "; use " + OLDEST + " or newer");
            }
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            String reason = database.withoutSecrets(e.getMessage(), password);
            String message = "the database at " + shown + " can't be used: " + reason;
            throw switch (state.length() < 2 ? "" : state.substring(0, 2)) {
                // Class 28 is about the login, 3D about the name of the database.
                case "28" ->
                    new UserException(
                            Kind.BAD_INPUT,
                            message + "; set PRAG_DATABASE_USERNAME and PRAG_DATABASE_PASSWORD to a login that it"
                                    + " accepts",
                            e);
                case "3D" ->
                    new UserException(Kind.BAD_INPUT, message + "; create the database, or name another in the URL", e);
                default -> new UserException(Kind.ENVIRONMENT, message + "; check the URL, or start the server", e);
            };
        }
    }

    private static void put(Properties properties, String name, String value) {
        if (value != null) {
            properties.setProperty(name, value);
        }
    }
}

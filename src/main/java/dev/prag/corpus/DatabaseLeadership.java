package dev.prag.corpus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Whoever holds an advisory lock of the database leads. The lock belongs to a connection of its own, so that the
 * database lets go of it when that process dies, and another takes over.
 */
final class DatabaseLeadership implements Leadership {
    private static final System.Logger LOG = System.getLogger(DatabaseLeadership.class.getName());
    private static final int ANSWER_SECONDS = 5;

    private final DataSource source;
    private final long lock;
    /** Guarded by this; null while somebody else leads. */
    private Connection held;

    DatabaseLeadership(DataSource source, long lock) {
        this.source = source;
        this.lock = lock;
    }

    @Override
    public synchronized boolean isMine() {
        try {
            if (held != null && held.isValid(ANSWER_SECONDS)) {
                return true;
            }
            letGo();
            Connection connection = source.getConnection();
            if (call(connection, "SELECT pg_try_advisory_lock(?)")) {
                held = connection;
                return true;
            }
            connection.close();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "nobody is known to lead: {0}", e.getMessage());
        }
        return false;
    }

    private boolean call(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, lock);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() && result.getBoolean(1);
            }
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void letGo() {
        Connection connection = held;
        held = null;
        if (connection != null) {
            try (connection) {
                call(connection, "SELECT pg_advisory_unlock(?)");
            } catch (SQLException e) {
                LOG.log(System.Logger.Level.DEBUG, "the lock went with its connection: {0}", e.getMessage());
            }
        }
    }

    @Override
    public synchronized void close() {
        letGo();
    }
}

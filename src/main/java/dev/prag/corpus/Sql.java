package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Plain SQL in the current transaction, for what the object mapping has no words for: locks that skip, conflicts, sets.
 * A collection of strings becomes an array.
 */
@ApplicationScoped
class Sql {
    @Inject
    DataSource source;

    DataSource connections() {
        return source;
    }

    /** Reads one row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** The strings of an array of a row. */
    static List<String> strings(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    /** The integers of an array of a row; none where it is null. */
    static List<Integer> integers(Array array) throws SQLException {
        return array == null ? List.of() : List.of((Integer[]) array.getArray());
    }

    int update(String sql, Object... parameters) {
        try (Connection connection = connections().getConnection();
                PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("database: " + e.getMessage(), e);
        }
    }

    <T> List<T> query(Row<T> row, String sql, Object... parameters) {
        try (Connection connection = connections().getConnection();
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet results = statement.executeQuery()) {
            List<T> rows = new ArrayList<>();
            while (results.next()) {
                rows.add(row.read(results));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("database: " + e.getMessage(), e);
        }
    }

    <T> Optional<T> first(Row<T> row, String sql, Object... parameters) {
        return query(row, sql, parameters).stream().findFirst();
    }

    List<String> strings(String sql, Object... parameters) {
        return query(row -> row.getString(1), sql, parameters);
    }

    long number(String sql, Object... parameters) {
        return query(row -> row.getLong(1), sql, parameters).getFirst();
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i] instanceof Collection<?> strings) {
                statement.setArray(i + 1, connection.createArrayOf("text", strings.toArray()));
            } else {
                statement.setObject(i + 1, parameters[i]);
            }
        }
        return statement;
    }
}

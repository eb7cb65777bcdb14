package dev.prag.database;

import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import java.util.Set;

/** Tells what an SQL error is about, by the classes of its state (PostgreSQL, appendix A). */
public final class DatabaseTrouble {
    /** The connection, the resources of the server, its operator's doing, its own disk. */
    private static final Set<String> GONE = Set.of("08", "53", "57", "58");
    /** A lock that was not to be had in the time that was given. */
    private static final String LOCKED = "55P03";

    private DatabaseTrouble() {}

    /** Whether the database can't be reached or used now, as opposed to a mistake in what it was told. */
    public static boolean isGone(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                String state = sql.getSQLState();
                // The pool's own complaint, that no connection was to be had, has none.
                return state == null || (state.length() > 1 && GONE.contains(state.substring(0, 2)));
            }
            if (cause instanceof RollbackException && cause.getCause() == null) {
                // What it was told worked, but took so long that the transaction had timed out.
                return true;
            }
        }
        return false;
    }

    /** What it is that {@link #isGone} found, in words. */
    public static String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                return cause.getMessage();
            }
            if (cause instanceof RollbackException) {
                return "it took longer than a transaction may";
            }
        }
        return String.valueOf(e.getMessage());
    }

    /** Whether another process held a lock for longer than we wait. */
    public static boolean isLocked(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return LOCKED.equals(sql.getSQLState());
            }
        }
        return false;
    }
}

package dev.prag.corpus;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.postgresql.PGConnection;

/**
 * Wakes who waits for a change. The database's notifications are a hint and no more: they get lost with a connection, or
 * in a pooler, and then looking again at each interval finds what they would have told.
 */
@ApplicationScoped
class ChangeSignal {
    private static final System.Logger LOG = System.getLogger(ChangeSignal.class.getName());
    /** How long the listener stays in one call: no longer than an end of the process should take. */
    private static final Duration LISTEN = Duration.ofSeconds(1);

    @Inject
    DataSource source;

    /** How often those who wait look by themselves. */
    @ConfigProperty(name = "prag.changes.poll", defaultValue = "1s")
    Duration poll;

    private Thread listener;
    private volatile boolean ending;
    /** Grows with each notification; guarded by this. */
    private long heard;

    long await(LongSupplier last, long seq, Duration most) throws InterruptedException {
        listen();
        long end = System.nanoTime() + most.toNanos();
        while (true) {
            long before = heard();
            long newest = last.getAsLong();
            long left = end - System.nanoTime();
            if (newest > seq || left <= 0 || ending) {
                return newest;
            }
            sleep(before, Duration.ofNanos(Math.min(left, poll.toNanos())));
        }
    }

    private synchronized long heard() {
        return heard;
    }

    private synchronized void sleep(long before, Duration most) throws InterruptedException {
        if (heard == before && !ending) {
            wait(Math.max(1, most.toMillis()));
        }
    }

    synchronized void wake() {
        heard++;
        notifyAll();
    }

    private synchronized void listen() {
        if (listener == null && !ending) {
            listener = Thread.ofPlatform().daemon().name("prag-changes").start(this::run);
        }
    }

    private void run() {
        while (!ending) {
            try (Connection connection = source.getConnection()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("LISTEN " + Changes.CHANNEL);
                }
                // What was told before this connection listened.
                wake();
                PGConnection session = connection.unwrap(PGConnection.class);
                while (!ending) {
                    if (session.getNotifications(Math.toIntExact(LISTEN.toMillis())).length > 0) {
                        wake();
                    }
                }
            } catch (SQLException | RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "changes are only looked for, for now: {0}", e.getMessage());
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(poll);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ending = true;
        }
    }

    void onShutdown(@Observes ShutdownEvent event) {
        ending = true;
        wake();
        Thread listening = listening();
        if (listening != null) {
            release(listening);
        }
    }

    private synchronized Thread listening() {
        return listener;
    }

    /** Gives the listener's connection back while there are connections: it ends with the next notification. */
    private void release(Thread listening) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("NOTIFY " + Changes.CHANNEL);
            listening.join(LISTEN);
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "the database is gone already: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

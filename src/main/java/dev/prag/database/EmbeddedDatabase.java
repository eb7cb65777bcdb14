package dev.prag.database;

import dev.prag.base.Home;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * A real PostgreSQL that belongs to one home: data under {@code pg/data}, on the loopback only, at a port of its own,
 * with a random password. The caller holds the home's lock. A server that a killed process left running is taken over.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EmbeddedDatabase.class.getName());
    private static final String USER = "prag";
    private static final String DATABASE = "prag";
    private static final int PORTS_TRIED = 8;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration DRAIN = Duration.ofSeconds(15);
    /** What is under way when the process is told to end may be a step of a large model's training. */
    private static final Duration WIND_UP = Duration.ofMinutes(10);

    private static final String APPLICATION = "prag-" + ProcessHandle.current().pid();
    private static final long LOG_LIMIT = 8L << 20;

    private final Path pg;
    private final Path data;
    private final Path log;
    private final PostgresBinaries binaries;
    private String password;
    private int port;
    private Thread hook;
    private boolean closed;

    private EmbeddedDatabase(Home home) throws IOException {
        PostgresPaths paths = PostgresPaths.of(
                Files.createDirectories(home.path("pg")).toRealPath(),
                Files.createDirectories(home.path("logs")).toRealPath());
        pg = paths.pg();
        data = pg.resolve("data");
        log = paths.logs().resolve("postgresql.log");
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT) {
            Files.move(log, log.resolveSibling("postgresql.1.log"), StandardCopyOption.REPLACE_EXISTING);
        }
        binaries = PostgresBinaries.unpack(paths.bin(), log);
    }

    /**
     * Starts the home's server, making it first where there is none. It stops with {@link #close}, or when the process
     * ends.
     *
     * @throws UserException of kind ENVIRONMENT that names the log if it doesn't start
     */
    public static EmbeddedDatabase start(Home home) {
        try {
            EmbeddedDatabase database = new EmbeddedDatabase(home);
            database.initialise();
            database.open();
            database.hook = new Thread(database::close, "stop PostgreSQL");
            Runtime.getRuntime().addShutdownHook(database.hook);
            return database;
        } catch (IOException | SQLException e) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "the embedded PostgreSQL of home " + home + " doesn't start: " + e.getMessage() + "; see "
                            + home.path("logs", "postgresql.log"),
                    e);
        }
    }

    /**
     * The home's server that another process has started; it is that process's to stop.
     *
     * @throws UserException of kind CONFLICT if it isn't there, as while that process starts or ends
     */
    public static EmbeddedDatabase running(Home home) {
        try {
            EmbeddedDatabase database = new EmbeddedDatabase(home);
            // Where there is none yet, whoever has the lock is making it.
            if (Files.isDirectory(database.data)) {
                database.initialise();
                Optional<Integer> found = database.runningPort();
                if (found.isPresent()) {
                    database.port = found.get();
                    if (database.isOurs()) {
                        return database;
                    }
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the running database isn't found", e);
        }
        throw new UserException(
                Kind.CONFLICT,
                "home " + home
                        + " is in use by a program that starts or ends, whose database can't be reached; try again");
    }

    public String jdbcUrl() {
        return url(DATABASE);
    }

    public String username() {
        return USER;
    }

    public String password() {
        return password;
    }

    /** The port on the loopback. */
    public int port() {
        return port;
    }

    /** How the service finds it, as configuration properties. */
    public Map<String, String> properties() {
        return Map.of(
                "prag.database.url", jdbcUrl(),
                "prag.database.username", username(),
                "prag.database.password", password(),
                "prag.database.embedded", "true");
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?reWriteBatchedInserts=true&ApplicationName="
                + APPLICATION;
    }

    private void initialise() throws IOException {
        Path secret = pg.resolve("password");
        if (Files.isDirectory(data)) {
            if (!Files.exists(secret)) {
                throw new IOException(secret + " is missing; put it back, or take " + pg + " away to begin anew");
            }
            password = Files.readString(secret).strip();
            return;
        }
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        password = HexFormat.of().formatHex(random);
        Files.deleteIfExists(secret);
        Files.createFile(secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, password + "\n");

        // Made beside and moved as a whole, so that a kill leaves nothing that looks like a database.
        Path next = pg.resolve("data.next");
        PostgresBinaries.deleteTree(next);
        int status = binaries.run(
                "initdb",
                List.of(
                        "--pgdata=" + next,
                        "--username=" + USER,
                        "--pwfile=" + secret,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--no-instructions"),
                LIMIT);
        if (status != 0) {
            PostgresBinaries.deleteTree(next);
            throw new IOException("initdb failed");
        }
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private void open() throws IOException, SQLException {
        Optional<Integer> running = runningPort();
        if (running.isPresent()) {
            port = running.get();
            if (isOurs()) {
                createDatabase();
                return;
            }
            stop();
        }
        for (int attempt = 0; attempt < PORTS_TRIED; attempt++) {
            port = choosePort(attempt > 0);
            if (launch()) {
                if (isOurs()) {
                    createDatabase();
                    return;
                }
                stop();
            }
        }
        throw new IOException("no port on 127.0.0.1 served after " + PORTS_TRIED + " tries");
    }

    /** The port that a server still running on our data says it has. */
    private Optional<Integer> runningPort() throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        try {
            // Lines: process, data directory, start time, port, …
            Optional<ProcessHandle> process =
                    ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
            boolean alive = process.isPresent();
            if (alive
                    && process.get()
                            .info()
                            .command()
                            .filter(c -> !c.contains("postgres"))
                            .isPresent()) {
                // A crash left the file, and the number is another program's by now: PostgreSQL would refuse to start
                // for it, and pg_ctl would stop it.
                Files.delete(file);
                alive = false;
            }
            return alive && lines.size() > 3
                    ? Optional.of(Integer.parseInt(lines.get(3).strip()))
                    : Optional.empty();
        } catch (NumberFormatException | NoSuchElementException e) {
            return Optional.empty();
        }
    }

    /** The home's port while nobody else listens there, else another, which is kept from then on. */
    private int choosePort(boolean another) throws IOException {
        Path file = pg.resolve("port");
        if (!another && Files.exists(file)) {
            try {
                int kept = Integer.parseInt(Files.readString(file).strip());
                if (isFree(kept)) {
                    return kept;
                }
            } catch (NumberFormatException e) {
                Files.delete(file);
            }
        }
        int free;
        try (ServerSocket probe = new ServerSocket(0, 1, loopback())) {
            free = probe.getLocalPort();
        }
        Files.writeString(file, free + "\n");
        return free;
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(loopback(), port));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    private boolean launch() throws IOException {
        String options = String.join(
                " ",
                "-p " + port,
                "-c listen_addresses=127.0.0.1",
                "-c unix_socket_directories=",
                "-c fsync=on",
                "-c synchronous_commit=on",
                "-c full_page_writes=on",
                "-c max_connections=60",
                "-c shared_buffers=64MB",
                "-c timezone=UTC",
                "-c log_timezone=UTC",
                "-c log_min_messages=warning");
        // pg_ctl gives the server a session of its own, so that Ctrl-C in a terminal doesn't stop it before us.
        int status = binaries.run(
                "pg_ctl",
                List.of(
                        "start",
                        "--wait",
                        "--timeout=" + LIMIT.toSeconds(),
                        "--silent",
                        "--pgdata=" + data,
                        "--log=" + log,
                        "--options=" + options),
                LIMIT.plusSeconds(5));
        return status == 0;
    }

    /** Whether what listens at the port is the server of our data directory. */
    private boolean isOurs() {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet shown = statement.executeQuery("SHOW data_directory")) {
            shown.next();
            return Path.of(shown.getString(1)).toRealPath().equals(data.toRealPath());
        } catch (SQLException | IOException e) {
            return false;
        }
    }

    private void createDatabase() throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            boolean there;
            try (ResultSet found =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                there = found.next();
            }
            if (!there) {
                statement.execute("CREATE DATABASE " + DATABASE);
            }
        }
    }

    private Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("ApplicationName", "prag start and stop");
        return new Driver().connect(url(database), properties);
    }

    /** Stops the server once its clients have gone, or after a while. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (hook != null && Thread.currentThread() != hook) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process is ending already; the hook will find this closed.
                hook = null;
            }
        }
        try {
            drain();
            stop();
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT, "the embedded PostgreSQL in " + pg + " can't be stopped: " + IoReason.of(e), e);
        }
    }

    /**
     * Shutdown hooks run side by side in no order: the service may still be writing its last rows while this one runs.
     */
    private void drain() {
        long begin = System.nanoTime();
        boolean ending = Thread.currentThread() == hook;
        try (Connection connection = connect("postgres");
                var clients = connection.prepareStatement("SELECT count(*), count(*) FILTER (WHERE application_name = '"
                        + APPLICATION + "') FROM pg_stat_activity WHERE datname = '" + DATABASE + "'")) {
            while (true) {
                try (ResultSet count = clients.executeQuery()) {
                    count.next();
                    Duration since = Duration.ofNanos(System.nanoTime() - begin);
                    if (!waits(count.getInt(1), ending && count.getInt(2) > 0, since)) {
                        return;
                    }
                }
                Thread.sleep(20);
            }
        } catch (SQLException e) {
            // It is down already.
            closed = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Whether the server goes on for its clients.
     *
     * @param windingUp whether this process is one of them, and is ending
     * @param since for how long it has been waiting
     */
    static boolean waits(int clients, boolean windingUp, Duration since) {
        return clients > 0 && since.compareTo(windingUp ? WIND_UP : DRAIN) < 0;
    }

    private void stop() throws IOException {
        if (runningPort().isPresent()) {
            binaries.run(
                    "pg_ctl",
                    List.of("stop", "--mode=fast", "--wait", "--timeout=60", "--silent", "--pgdata=" + data),
                    LIMIT);
        }
    }
}

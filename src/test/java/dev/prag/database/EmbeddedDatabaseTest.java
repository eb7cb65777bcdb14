package dev.prag.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.FreePort;
import dev.prag.Relay;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts real servers: one test goes through a home's life, so that initdb runs only twice. */
class EmbeddedDatabaseTest {
    @TempDir
    Path directory;

    private static void assertRefused(Kind kind, String word, String url, String password) {
        UserException e = assertThrows(UserException.class, () -> ExternalDatabase.check(url, "prag", password));
        assertEquals(kind, e.kind());
        assertTrue(e.getMessage().contains(word), e.getMessage());
    }

    @Test
    void aDatabaseThatNobodyServesIsNamed() throws Exception {
        int port = FreePort.next();
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/prag";
        assertRefused(Kind.ENVIRONMENT, url, url, "any");
        for (String secret : List.of(url + "?password=hush", url.replace("//", "//prag:hush@"))) {
            UserException e = assertThrows(UserException.class, () -> ExternalDatabase.check(secret, "prag", "hush"));
            assertFalse(e.getMessage().contains("hush"), e.getMessage());
        }
    }

    @Test
    void theServerGoesOnForWhatIsUnderWay() {
        assertFalse(EmbeddedDatabase.waits(0, true, Duration.ZERO), "all have gone");
        assertTrue(EmbeddedDatabase.waits(1, false, Duration.ofSeconds(14)));
        assertFalse(EmbeddedDatabase.waits(1, false, Duration.ofSeconds(15)), "others are cut off");
        assertTrue(EmbeddedDatabase.waits(3, true, Duration.ofMinutes(9)), "a step of training may take long");
        assertFalse(EmbeddedDatabase.waits(3, true, Duration.ofMinutes(10)), "nothing is waited for without end");
    }

    @Test
    void whatAnotherProcessIsMakingIsLeftAlone() throws Exception {
        Home home = Home.of(directory.resolve("fresh"));
        Path secret = Files.createDirectories(home.path("pg")).resolve("password");
        Files.writeString(secret, "hush\n");
        Path next = Files.createDirectories(home.path("pg", "data.next"));
        UserException e = assertThrows(UserException.class, () -> EmbeddedDatabase.running(home));
        assertEquals(Kind.CONFLICT, e.kind());
        assertEquals("hush\n", Files.readString(secret));
        assertTrue(Files.isDirectory(next));
    }

    /** Behind a port that hangs up on the first one who comes. */
    private static void itIsWaitedFor(EmbeddedDatabase database) throws Exception {
        try (ServerSocket door = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    door.accept().close();
                    while (true) {
                        Socket client = door.accept();
                        Relay.join(client, new Socket(door.getInetAddress(), database.port()));
                    }
                } catch (IOException e) {
                    // The test is over.
                }
            });
            String url = database.jdbcUrl().replace(":" + database.port() + "/", ":" + door.getLocalPort() + "/");
            ExternalDatabase.await(url, database.username(), database.password(), Duration.ofMinutes(1));
            UserException wrong = assertThrows(
                    UserException.class,
                    () -> ExternalDatabase.await(url, database.username(), "wrong", Duration.ofMinutes(1)));
            assertEquals(Kind.BAD_INPUT, wrong.kind(), "a mistake isn't waited for");
        }
    }

    @Test
    void twoHomesLiveSideBySideAndKeepWhatTheyHave() throws Exception {
        Home first = Home.of(directory.resolve("first home"));
        // What means something to a shell.
        Home second = Home.of(directory.resolve("it's $HOME `id` \"%s\" \\ & café"));
        try (EmbeddedDatabase a = EmbeddedDatabase.start(first);
                EmbeddedDatabase b = EmbeddedDatabase.start(second)) {
            assertNotEquals(a.port(), b.port());
            assertNotEquals(a.password(), b.password());
            execute(a, "CREATE TABLE kept AS SELECT 'first' AS home");
            execute(b, "CREATE TABLE kept AS SELECT 'second' AS home");
            assertEquals("first", query(a, "SELECT home FROM kept"));
            assertEquals("on", query(a, "SHOW fsync"));
            assertEquals("on", query(a, "SHOW synchronous_commit"));
            assertEquals("127.0.0.1", query(a, "SHOW listen_addresses"));
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(first.path("pg", "password"))));
            SQLException refused = assertThrows(
                    SQLException.class, () -> DriverManager.getConnection(a.jdbcUrl(), a.username(), b.password()));
            assertEquals("28P01", refused.getSQLState());
            ExternalDatabase.check(a.jdbcUrl(), a.username(), a.password());
            itIsWaitedFor(a);
            assertRefused(Kind.BAD_INPUT, "PRAG_DATABASE_PASSWORD", a.jdbcUrl(), b.password());
            assertRefused(Kind.BAD_INPUT, "mysql://x", "mysql://x", a.password());
            assertRefused(Kind.BAD_INPUT, "create the database", a.jdbcUrl().replace("/prag?", "/none?"), a.password());
        }
        assertFalse(Files.exists(first.path("pg", "data", "postmaster.pid")));

        int kept;
        try (EmbeddedDatabase again = EmbeddedDatabase.start(first)) {
            kept = again.port();
            assertEquals("first", query(again, "SELECT home FROM kept"));
            killServer(first);
        }
        // The number in the file that it left may be any process by now: this one would be stopped, or be in the way.
        Path left = first.path("pg", "data", "postmaster.pid");
        List<String> lines = Files.readAllLines(left);
        lines.set(0, Long.toString(ProcessHandle.current().pid()));
        Files.write(left, lines);
        try (ServerSocket thief = new ServerSocket(kept, 1, InetAddress.getByName("127.0.0.1"));
                EmbeddedDatabase moved = EmbeddedDatabase.start(first)) {
            assertTrue(thief.isBound());
            assertNotEquals(kept, moved.port());
            assertEquals("first", query(moved, "SELECT home FROM kept"));

            // As after a kill of the process that started it: the server still runs and is taken over.
            try (EmbeddedDatabase taken = EmbeddedDatabase.start(first)) {
                assertEquals(moved.port(), taken.port());
                assertEquals("first", query(taken, "SELECT home FROM kept"));
            }
        }
        assertFalse(Files.exists(first.path("pg", "data", "postmaster.pid")));
    }

    private static void killServer(Home home) throws Exception {
        long pid = Long.parseLong(
                Files.readAllLines(home.path("pg", "data", "postmaster.pid")).getFirst());
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        server.destroyForcibly();
        server.onExit().get(10, TimeUnit.SECONDS);
    }

    private static void execute(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection c = connect(database);
                var s = c.createStatement()) {
            s.execute(sql);
        }
    }

    private static String query(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection c = connect(database);
                var s = c.createStatement();
                var r = s.executeQuery(sql)) {
            r.next();
            return r.getString(1);
        }
    }

    private static Connection connect(EmbeddedDatabase database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }
}

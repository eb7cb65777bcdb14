package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
    @TempDir
    Path directory;

    @Test
    void isWhereItIsSaidElseWhereTheEnvironmentSaysElseInTheUsersData() {
        String user = directory.resolve("user").toString();
        Path given = directory.resolve("given");
        Map<String, String> environment = Map.of(
                "PRAG_HOME", directory.resolve("env").toString(),
                "XDG_DATA_HOME", directory.resolve("xdg").toString());
        assertEquals(given, Home.of(given, environment, user).directory());
        assertEquals(directory.resolve("env"), Home.of(null, environment, user).directory());
        assertEquals(
                directory.resolve("xdg").resolve("prag"),
                Home.of(null, Map.of("XDG_DATA_HOME", environment.get("XDG_DATA_HOME")), user)
                        .directory());
        assertEquals(
                Path.of(user, ".local", "share", "prag"),
                Home.of(null, Map.of("XDG_DATA_HOME", "relative"), user).directory());
        assertTrue(Files.isDirectory(given));
    }

    @Test
    void whatCannotBeAHomeIsRefusedByName() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        UserException isFile = assertThrows(UserException.class, () -> Home.of(file));
        assertTrue(isFile.getMessage().contains(file.toString()), isFile.getMessage());
        UserException below = assertThrows(UserException.class, () -> Home.of(file.resolve("below")));
        assertTrue(below.getMessage().contains("writable"), below.getMessage());
        assertTrue(below.getMessage().contains("--home"), below.getMessage());
    }

    @Test
    void isHeldByOneAndTellsByWhom() {
        Home home = Home.of(directory);
        try (Home.Lock lock = home.lock("serve")) {
            lock.announce(8080);
            UserException refused = assertThrows(UserException.class, () -> home.lock("encode"));
            assertEquals(UserException.Kind.CONFLICT, refused.kind());
            String message = refused.getMessage();
            long pid = ProcessHandle.current().pid();
            assertTrue(message.contains(directory.toString()), message);
            assertTrue(message.contains("serve"), message);
            assertTrue(message.contains("process " + pid), message);
            assertTrue(message.contains("http://127.0.0.1:8080"), message);
            assertTrue(message.contains("--home"), message);
            assertEquals(Optional.of(new Home.Holder(pid, "serve", OptionalInt.of(8080))), home.holder());
        }
        assertEquals(Optional.empty(), home.holder());
        home.lock("encode").close();
    }

    @Test
    void theLockDiesWithItsProcess() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holding.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals('1', other.getInputStream().read());
            Home home = Home.of(directory);
            UserException refused = assertThrows(UserException.class, () -> home.lock("serve"));
            assertTrue(refused.getMessage().contains("process " + other.pid()), refused.getMessage());
            assertTrue(other.destroyForcibly().waitFor(10, TimeUnit.SECONDS));
            try (Home.Lock lock = home.lock("serve")) {
                assertEquals("serve", home.holder().orElseThrow().command());
                assertEquals(home, lock.home());
            }
        } finally {
            other.destroyForcibly();
        }
    }

    /** Another process with the lock. */
    static final class Holding {
        private Holding() {}

        public static void main(String... args) throws Exception {
            try (Home.Lock lock = Home.of(Path.of(args[0])).lock("encode")) {
                System.out.print(lock.home().holder().isPresent() ? '1' : '0');
                System.out.flush();
                Thread.sleep(60_000);
            }
        }
    }

    @Test
    void aHolderThatCannotBeReadIsNoHindrance() throws IOException {
        Home home = Home.of(directory);
        Files.writeString(directory.resolve("home.holder"), "garbage");
        try (FileChannel channel = FileChannel.open(
                        directory.resolve("home.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.lock()) {
            assertTrue(held.isValid());
            UserException refused = assertThrows(UserException.class, () -> home.lock("serve"));
            assertTrue(refused.getMessage().contains("in use"), refused.getMessage());
        }
    }

    @Test
    void isClosedToOthers() throws IOException {
        Path made = directory.resolve("deep/er/home");
        Home.of(made);
        assertEquals("rwx------", permissions(made));
        assertEquals("rwx------", permissions(made.resolve("logs")));
        assertNotEquals("rwx------", permissions(made.getParent()), "only the home itself is ours");

        Path empty = Files.createDirectory(directory.resolve("empty"));
        Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rwxrwxr-x"));
        Home.of(empty);
        assertEquals("rwxrwx---", permissions(empty), "a group that was let in stays");
        assertEquals("rwxrwx---", permissions(empty.resolve("adapters")));

        Path used = Files.createDirectory(directory.resolve("used"));
        Home.of(used).lock("test").close();
        Files.setPosixFilePermissions(used, PosixFilePermissions.fromString("rwxr-xr-x"));
        Home.of(used);
        assertEquals("rwxr-x---", permissions(used));

        Path somebodys = Files.createDirectory(directory.resolve("somebodys"));
        Files.writeString(somebodys.resolve("notes.txt"), "x");
        Files.setPosixFilePermissions(somebodys, PosixFilePermissions.fromString("rwxr-xr-x"));
        Home.of(somebodys);
        assertEquals("rwxr-xr-x", permissions(somebodys), "a folder of other things is left as it is");
        assertEquals("rwxr-x---", permissions(somebodys.resolve("adapters")), "and what is ours in it is closed");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}

package dev.prag.base;

import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;

/**
 * The directory that holds everything the program keeps: {@code pg/} (embedded PostgreSQL), {@code index/} (retrieval),
 * {@code adapters/}, {@code natives/} (unpacked native libraries), {@code logs/}. What has one writer in it is held by
 * {@link #lock}.
 */
public final class Home {
    private static final String LOCK = "home.lock";
    private static final String HOLDER = "home.holder";
    private static final List<String> FOLDERS = List.of("pg", "index", "adapters", "natives", "logs");

    private final Path directory;

    private Home(Path directory) {
        this.directory = directory;
    }

    /**
     * The home at {@code given}, else at {@code PRAG_HOME}, else the folder {@code prag} of the user's data directory;
     * made if it isn't there.
     *
     * @throws UserException naming the directory if it can't be made or written
     */
    public static Home of(Path given) {
        return of(given, System.getenv(), System.getProperty("user.home", "."));
    }

    static Home of(Path given, Map<String, String> environment, String userHome) {
        Path path = given != null ? given : standard(environment, userHome);
        Path directory = path.toAbsolutePath().normalize();
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new UserException("home " + directory + " is a file; name a directory with --home DIR or PRAG_HOME");
        }
        try {
            makePrivate(directory);
            // Permission bits don't tell about read-only mounts, so write something.
            Files.delete(Files.createTempFile(directory, ".probe", null));
        } catch (IOException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    "home " + directory + " is not writable (" + IoReason.of(e)
                            + "); give yourself write permission or name another with --home DIR or PRAG_HOME",
                    e);
        }
        return new Home(directory);
    }

    /**
     * What the program keeps is for its user alone: a new folder is made so, and one that is a home already, or empty,
     * is closed to others. A folder that belongs to somebody else, such as a mounted volume, or that holds other things
     * is left as it is; the folders within it are closed.
     */
    private static void makePrivate(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            PrivateFolder.make(directory);
        } else if (Files.exists(directory.resolve(LOCK)) || PrivateFolder.isEmpty(directory)) {
            PrivateFolder.close(directory);
        }
        for (String folder : FOLDERS) {
            PrivateFolder.within(directory, folder);
        }
    }

    /**
     * A folder beside the usual home, for something that should not mix with what is in it; null where PRAG_HOME names
     * a home, which is used as it is then.
     */
    public static Path standardFolder(String name) {
        Map<String, String> environment = System.getenv();
        return named(environment) != null
                ? null
                : dataFolder(environment, System.getProperty("user.home", "."), "prag-" + name);
    }

    private static Path standard(Map<String, String> environment, String userHome) {
        String chosen = named(environment);
        return chosen != null ? Path.of(chosen) : dataFolder(environment, userHome, "prag");
    }

    private static String named(Map<String, String> environment) {
        String chosen = environment.get("PRAG_HOME");
        return chosen == null || chosen.isBlank() ? null : chosen;
    }

    private static Path dataFolder(Map<String, String> environment, String userHome, String name) {
        String data = environment.get("XDG_DATA_HOME");
        // The XDG specification has relative paths ignored.
        boolean usable = data != null && !data.isBlank() && Path.of(data).isAbsolute();
        return usable ? Path.of(data, name) : Path.of(userHome, ".local", "share", name);
    }

    public Path directory() {
        return directory;
    }

    /** A path inside the home; nothing is created. */
    public Path path(String first, String... more) {
        return directory.resolve(Path.of(first, more));
    }

    /**
     * Takes this home for the process, under the name of its command. The operating system lets go of it when the
     * process ends, however it ends.
     *
     * @throws UserException of kind CONFLICT that names the holder if another process, or this one, has it
     */
    public Lock lock(String command) {
        return tryLock(command).orElseThrow(() -> new UserException(Kind.CONFLICT, inUse()));
    }

    /** As {@link #lock}; empty if another process, or this one, has it. */
    public Optional<Lock> tryLock(String command) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                lock = null;
            }
            if (lock == null) {
                channel.close();
                return Optional.empty();
            }
            Lock held = new Lock(channel, new Holder(ProcessHandle.current().pid(), command, OptionalInt.empty()));
            held.write();
            return Optional.of(held);
        } catch (IOException e) {
            close(channel);
            throw new UserException(
                    Kind.ENVIRONMENT, "home " + directory + " can't be locked (" + IoReason.of(e) + ")", e);
        }
    }

    private String inUse() {
        String by = holder().map(h -> " by `" + h.command() + "` (process " + h.pid() + ")")
                .orElse("");
        String ask = holder().filter(h -> h.port().isPresent())
                .map(h -> ", ask the server at http://127.0.0.1:" + h.port().getAsInt())
                .orElse("");
        return "home " + directory + " is in use" + by + "; wait for it or end it" + ask
                + ", or use another home with --home DIR";
    }

    private static void close(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The lock was never taken; there is nothing to mend.
            assert e != null;
        }
    }

    /** Who said last that it holds this home; meaningful only while the lock is held. */
    public Optional<Holder> holder() {
        Properties p = new Properties();
        try (var in = Files.newBufferedReader(path(HOLDER))) {
            p.load(in);
            String port = p.getProperty("port");
            return Optional.of(new Holder(
                    Long.parseLong(p.getProperty("pid")),
                    p.getProperty("command"),
                    port == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port))));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    /** The process that holds a home, its command, and the HTTP port at which it serves, if it does. */
    public record Holder(long pid, String command, OptionalInt port) {}

    /** A home held by this process. */
    public final class Lock implements AutoCloseable {
        private final FileChannel channel;
        private Holder holder;

        private Lock(FileChannel channel, Holder holder) {
            this.channel = channel;
            this.holder = holder;
        }

        public Home home() {
            return Home.this;
        }

        /** Tells whoever finds the home in use that this process serves HTTP at the port. */
        public void announce(int port) {
            holder = new Holder(holder.pid(), holder.command(), OptionalInt.of(port));
            try {
                write();
            } catch (IOException e) {
                throw new UserException(
                        Kind.ENVIRONMENT, "home " + directory + " can't be written: " + IoReason.of(e), e);
            }
        }

        // Beside the lock and not in it: on some systems a locked file can't be read by others.
        private void write() throws IOException {
            Properties p = new Properties();
            p.setProperty("pid", Long.toString(holder.pid()));
            p.setProperty("command", holder.command());
            holder.port().ifPresent(port -> p.setProperty("port", Integer.toString(port)));
            Path next = path(HOLDER + ".next");
            try (var out = Files.newBufferedWriter(next)) {
                p.store(out, "Held since " + Instant.now());
            }
            Files.move(next, path(HOLDER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void close() {
            try {
                if (channel.isOpen()) {
                    Files.deleteIfExists(path(HOLDER));
                    channel.close();
                }
            } catch (IOException e) {
                throw new UserException(
                        Kind.ENVIRONMENT, "home " + directory + " can't be released: " + IoReason.of(e), e);
            }
        }
    }
}

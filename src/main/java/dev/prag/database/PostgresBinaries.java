package dev.prag.database;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** The programs of PostgreSQL, unpacked from the class path into a home, and how they are run. */
final class PostgresBinaries {
    private static final String COMPLETE = "unpacked";

    private final Path directory;
    private final Path log;
    private final List<String> prefix;

    private PostgresBinaries(Path directory, Path log, List<String> prefix) {
        this.directory = directory;
        this.log = log;
        this.prefix = prefix;
    }

    /** Unpacks the programs into the directory unless they are there; what they print goes to the log. */
    static PostgresBinaries unpack(Path directory, Path log) throws IOException {
        String name = archive();
        URL resource = PostgresBinaries.class.getResource("/" + name);
        if (resource == null) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "no embedded PostgreSQL for this platform (" + name + "); use a server of your own: --database-url "
                            + "jdbc:postgresql://host:port/name");
        }
        String version = Long.toString(resource.openConnection().getContentLengthLong());
        Path complete = directory.resolve(COMPLETE);
        if (!Files.exists(complete) || !Files.readString(complete).equals(version)) {
            // Unpacked beside and moved as a whole, so that a kill leaves nothing that looks complete.
            Path next = directory.resolveSibling(directory.getFileName() + ".next");
            deleteTree(next);
            try (InputStream in = resource.openStream()) {
                extract(in, next);
            }
            Files.writeString(next.resolve(COMPLETE), version);
            deleteTree(directory);
            Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
        }
        return new PostgresBinaries(directory, log, prefix(log));
    }

    private static String archive() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String system = os.contains("mac") ? "darwin" : os.contains("windows") ? "windows" : "linux";
        String arch = System.getProperty("os.arch");
        String machine = arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm_64" : arch;
        return "postgres-" + system + "-" + machine + ".txz";
    }

    private static void extract(InputStream packed, Path to) throws IOException {
        Files.createDirectories(to);
        try (var tar = new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(packed)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = to.resolve(entry.getName()).normalize();
                if (!path.startsWith(to)) {
                    throw new IOException("archive entry outside its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, path);
                    if ((entry.getMode() & 0100) != 0) {
                        Files.setPosixFilePermissions(path, executable());
                    }
                }
            }
        }
    }

    private static Set<PosixFilePermission> executable() {
        return EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.OWNER_EXECUTE,
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.GROUP_EXECUTE,
                PosixFilePermission.OTHERS_READ,
                PosixFilePermission.OTHERS_EXECUTE);
    }

    /**
     * PostgreSQL refuses to run as root. In a user namespace of its own it isn't root, while its files still belong to
     * the user who started it.
     */
    private static List<String> prefix(Path log) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        List<String> namespace = List.of("unshare", "-U");
        List<String> probe = new ArrayList<>(namespace);
        probe.add("true");
        if (execute(probe, log, Duration.ofSeconds(10)) != 0) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "the embedded PostgreSQL can't run as root here, because `unshare -U` is not allowed; run as"
                            + " another user, or use a server of your own: --database-url"
                            + " jdbc:postgresql://host:port/name");
        }
        return namespace;
    }

    /** Runs one of the programs to its end. */
    int run(String program, List<String> arguments, Duration limit) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(directory.resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        return execute(command, log, limit);
    }

    private static int execute(List<String> command, Path log, Duration limit) throws IOException {
        // To a file and not through a pipe: a server that was started keeps it open for as long as it runs.
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            Files.writeString(log, e.getMessage() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return -1;
        }
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return -1;
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (var paths = Files.walk(root)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}

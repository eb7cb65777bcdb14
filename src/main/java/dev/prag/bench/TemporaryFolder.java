package dev.prag.bench;

import dev.prag.base.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that is deleted with all that is in it when it is closed, or when the process is told to end before. */
final class TemporaryFolder implements AutoCloseable {
    private final Path path;
    private final Thread atExit = new Thread(this::deleteWhatCanBe, "prag-bench-cleanup");

    /** @param parent an existing folder */
    TemporaryFolder(Path parent) throws IOException {
        path = Files.createTempDirectory(parent, "prag-bench-");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    Path path() {
        return path;
    }

    /** Bytes of all files in it. */
    long size() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Override
    public void close() throws IOException {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook with it.
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void deleteWhatCanBe() {
        try {
            delete();
        } catch (IOException | UncheckedIOException e) {
            System.err.println("prag: " + path + " was not deleted (" + IoReason.of(e) + "); delete it");
        }
    }
}

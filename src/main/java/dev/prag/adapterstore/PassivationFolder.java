package dev.prag.adapterstore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The folder in which a hot tier keeps what memory has no more room for: of one process at a time, and empty when it
 * begins, since what a process that was killed left there may be half written.
 */
final class PassivationFolder implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private PassivationFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @throws IOException if another process has it, or it can't be written */
    static PassivationFolder of(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException(folder + " belongs to another process");
            }
            Path path = folder.resolve("passivated");
            delete(path);
            return new PassivationFolder(Files.createDirectories(path), channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException(folder + " belongs to this process already", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            System.getLogger(PassivationFolder.class.getName())
                    .log(System.Logger.Level.DEBUG, "the lock of {0} can''t be given back", path);
        }
    }
}

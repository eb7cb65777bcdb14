package dev.prag.retrieval;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.store.LockObtainFailedException;

/**
 * The folder of the index: a folder for each index in it, {@code g1}, {@code g2}…, of which the file {@code current}
 * names the one that counts. One process writes, and holds a lock of the operating system's; what that one left unfinished
 * goes when it is opened again.
 */
final class IndexFolder implements AutoCloseable {
    private static final String CURRENT = "current";
    private static final String LOCK = "write.lock";
    private static final Pattern GENERATION = Pattern.compile("g([0-9]{1,9})");
    /** Of the time when the index lay in the folder itself. */
    private static final Pattern FORMER = Pattern.compile("segments_.*|_[0-9a-z]+[._].*|pending_segments_.*");

    private final Path root;
    private final Directory directory;
    private final Lock lock;

    private IndexFolder(Path root, Directory directory, Lock lock) {
        this.root = root;
        this.directory = directory;
        this.lock = lock;
    }

    static IndexFolder open(Path root) throws IOException {
        Directory directory = LuceneFolder.open(root);
        try {
            Lock lock;
            try {
                lock = directory.obtainLock(LOCK);
            } catch (LockObtainFailedException e) {
                lock = null;
            }
            return new IndexFolder(root, directory, lock);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    Path root() {
        return root;
    }

    /** Whether it is this process that writes. */
    boolean writes() {
        return lock != null;
    }

    /** The folder of the index that counts; null if there is none yet. */
    Path current() throws IOException {
        try {
            String name = Files.readString(root.resolve(CURRENT)).strip();
            Path folder = root.resolve(name);
            return GENERATION.matcher(name).matches() && Files.isDirectory(folder) ? folder : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** A folder for a new index, empty. */
    Path fresh() throws IOException {
        int last = 0;
        for (Path folder : generations()) {
            var name = GENERATION.matcher(folder.getFileName().toString());
            if (name.matches()) {
                last = Math.max(last, Integer.parseInt(name.group(1)));
            }
        }
        return Files.createDirectory(root.resolve("g" + (last + 1)));
    }

    /** Has the index in that folder count from now on, even if the machine stops right after. */
    void install(Path folder) throws IOException {
        Path next = root.resolve(CURRENT + ".next");
        Files.writeString(next, folder.getFileName() + "\n");
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(next, root.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(root, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** Deletes every index but that one. */
    void keepOnly(Path folder) throws IOException {
        for (Path other : generations()) {
            if (!other.equals(folder)) {
                delete(other);
            }
        }
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (FORMER.matcher(file.getFileName().toString()).matches()) {
                    Files.delete(file);
                }
            }
        }
    }

    private List<Path> generations() throws IOException {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(folder ->
                            GENERATION.matcher(folder.getFileName().toString()).matches())
                    .toList();
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            if (lock != null) {
                lock.close();
            }
        }
    }
}

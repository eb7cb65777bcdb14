package dev.prag.adapterstore;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A file for each key below a folder. */
public final class FileBlobs implements Blobs {
    private static final System.Logger LOG = System.getLogger(FileBlobs.class.getName());
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
    /** Of what is being written: no key ends so. */
    private static final String UNFINISHED = "~";
    /** Longer than a write takes: what is older was left by a process that was killed. */
    private static final Duration ABANDONED = Duration.ofMinutes(10);

    private final Path root;

    public FileBlobs(Path root) {
        this.root = root;
    }

    /** Fills a new file. */
    private interface Content {
        void write(Path file) throws IOException;
    }

    @Override
    public void put(String key, Path file) {
        put(key, written -> Files.copy(file, written));
    }

    @Override
    public void put(String key, byte[] content) {
        put(key, written -> Files.write(written, content));
    }

    private void put(String key, Content content) {
        Path file = file(key);
        Path written = file.resolveSibling(UUID.randomUUID() + UNFINISHED);
        try {
            Files.createDirectories(file.getParent());
            try {
                content.write(written);
                sync(written, StandardOpenOption.WRITE);
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                sync(file.getParent(), StandardOpenOption.READ);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw failure("can't be written", file, e);
        }
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    @Override
    public boolean get(String key, Path file) {
        try {
            Files.copy(file(key), file);
            return true;
        } catch (NoSuchFileException e) {
            if (Files.exists(file(key))) {
                throw failure("can't be read", file(key), e);
            }
            return false;
        } catch (IOException e) {
            throw failure("can't be read", file(key), e);
        }
    }

    @Override
    public Optional<byte[]> get(String key) {
        try {
            return Optional.of(Files.readAllBytes(file(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("can't be read", file(key), e);
        }
    }

    @Override
    public List<Blob> list(String prefix) {
        // From the deepest folder that all of them are in.
        Path from = root.resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1));
        if (!Files.isDirectory(from)) {
            return List.of();
        }
        try (Stream<Path> walked = Files.walk(from)) {
            Map<Boolean, List<Path>> files =
                    walked.filter(Files::isRegularFile).collect(Collectors.partitioningBy(FileBlobs::isUnfinished));
            files.get(true).forEach(FileBlobs::removeIfAbandoned);
            return files.get(false).stream()
                    .map(file -> new Blob(
                            root.relativize(file).toString(), file.toFile().length()))
                    .filter(blob -> blob.key().startsWith(prefix))
                    .sorted(Comparator.comparing(Blob::key))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw failure("can't be listed", from, e);
        }
    }

    private static boolean isUnfinished(Path file) {
        return file.toString().endsWith(UNFINISHED);
    }

    private static void removeIfAbandoned(Path file) {
        try {
            Instant before = Instant.now().minus(ABANDONED);
            if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "file {0} is finished by now, or can''t be deleted here", file);
        }
    }

    @Override
    public void delete(String key) {
        try {
            Files.deleteIfExists(file(key));
        } catch (IOException e) {
            throw failure("can't be deleted", file(key), e);
        }
    }

    private Path file(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("key " + key);
        }
        return root.resolve(key);
    }

    private static UserException failure(String what, Path file, Exception e) {
        return new UserException(
                Kind.ENVIRONMENT,
                "file " + file + " " + what + ": " + IoReason.of(e) + "; make room or give permission there",
                e);
    }
}

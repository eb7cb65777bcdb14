package dev.prag.adapterstore;

import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A file for each adapter, {@code ab/cd/abcd….adapter}: its bytes, and behind them their SHA-256 (32 bytes), so that the
 * two can't come apart. What is read and doesn't match is moved to {@code damaged/} and is not there any more.
 */
public final class FileAdapterStore implements AdapterStore {
    private static final System.Logger LOG = System.getLogger(FileAdapterStore.class.getName());
    private static final String SUFFIX = ".adapter";
    private static final int CHECKSUM_BYTES = 32;
    /** Longer than a write takes: what is older was left by a process that was killed. */
    private static final Duration ABANDONED = Duration.ofMinutes(10);

    private final Path root;
    private final Path temporary;

    public FileAdapterStore(Path root) {
        this.root = root;
        this.temporary = root.resolve("tmp");
        try {
            Files.createDirectories(temporary);
            removeAbandoned();
        } catch (IOException e) {
            throw failure("adapter folder " + root + " can't be used", e);
        }
    }

    private void removeAbandoned() throws IOException {
        Instant before = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(temporary)) {
            for (Path file : left) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Override
    public String put(String id, byte[] bytes) {
        Path file = file(id);
        String checksum = Hashes.sha256(bytes);
        Path written = temporary.resolve(id + "." + UUID.randomUUID());
        try {
            try (FileChannel channel =
                    FileChannel.open(written, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                write(channel, bytes);
                write(channel, HexFormat.of().parseHex(checksum));
                channel.force(true);
            }
            createDirectories(file.getParent());
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(file.getParent());
            return checksum;
        } catch (IOException e) {
            UserException failure = failure("adapter " + id + " can't be written to " + file, e);
            try {
                Files.deleteIfExists(written);
            } catch (IOException other) {
                failure.addSuppressed(other);
            }
            throw failure;
        }
    }

    private static void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private void createDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            sync(directory.getParent());
            sync(root);
        }
    }

    /** Makes names in a directory last; the move of a file is not on disk before. */
    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public Optional<byte[]> get(String id) {
        return read(id).map(Read::bytes);
    }

    @Override
    public Optional<byte[]> get(String id, String checksum) {
        return read(id).filter(read -> read.checksum.equals(checksum)).map(Read::bytes);
    }

    /** Bytes, and the checksum that they have. */
    private record Read(byte[] bytes, String checksum) {}

    private Optional<Read> read(String id) {
        Path file = file(id);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long length = channel.size() - CHECKSUM_BYTES;
            if (length >= 0) {
                byte[] bytes = new byte[Math.toIntExact(length)];
                byte[] end = new byte[CHECKSUM_BYTES];
                if (read(channel, bytes) && read(channel, end)) {
                    String checksum = Hashes.sha256(bytes);
                    if (checksum.equals(HexFormat.of().formatHex(end))) {
                        return Optional.of(new Read(bytes, checksum));
                    }
                }
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("adapter " + id + " can't be read from " + file, e);
        }
        moveAside(id, file);
        return Optional.empty();
    }

    /** False where the file ends before the array does. */
    private static boolean read(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Optional<Stat> stat(String id) {
        Path file = file(id);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long length = channel.size() - CHECKSUM_BYTES;
            byte[] checksum = new byte[CHECKSUM_BYTES];
            return Optional.of(
                    length >= 0 && read(channel.position(length), checksum)
                            ? new Stat(length, HexFormat.of().formatHex(checksum))
                            : new Stat(0, ""));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("adapter " + id + " can't be read from " + file, e);
        }
    }

    @Override
    public boolean isDamaged(String id) {
        return Files.exists(aside(id)) && !Files.exists(file(id));
    }

    private Path aside(String id) {
        return root.resolve("damaged").resolve(id + SUFFIX);
    }

    private void moveAside(String id, Path file) {
        Path aside = aside(id);
        try {
            Files.createDirectories(aside.getParent());
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "adapter {0} is damaged (its checksum doesn''t match) and was moved to {1}",
                    id,
                    aside);
        } catch (NoSuchFileException e) {
            LOG.log(System.Logger.Level.DEBUG, "adapter {0} was moved aside or deleted by another process", id);
        } catch (IOException e) {
            throw failure("damaged adapter " + file + " can't be moved to " + aside, e);
        }
    }

    @Override
    public boolean delete(String id) {
        Path file = file(id);
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure("adapter " + id + " can't be deleted from " + file, e);
        }
    }

    @Override
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> first = Files.newDirectoryStream(root, "[0-9a-f][0-9a-f]")) {
            for (Path outer : first) {
                try (DirectoryStream<Path> second = Files.newDirectoryStream(outer, "[0-9a-f][0-9a-f]")) {
                    for (Path inner : second) {
                        list(inner, entries);
                    }
                }
            }
        } catch (IOException e) {
            throw failure("adapter folder " + root + " can't be listed", e);
        }
        entries.sort(Comparator.comparing(Entry::id));
        return entries;
    }

    @Override
    public String claim(String corpusId) {
        try {
            return CorpusFile.claim(root, temporary, corpusId);
        } catch (IOException e) {
            throw failure("the id of the corpus can't be kept in " + root, e);
        }
    }

    private static void list(Path directory, List<Entry> entries) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                try {
                    entries.add(new Entry(
                            name.substring(0, name.length() - SUFFIX.length()),
                            Math.max(0, Files.size(file) - CHECKSUM_BYTES),
                            Files.getLastModifiedTime(file).toInstant()));
                } catch (NoSuchFileException e) {
                    // Deleted since the directory was read.
                    LOG.log(System.Logger.Level.DEBUG, "adapter file {0} is gone", file);
                }
            }
        }
    }

    private Path file(String id) {
        return root.resolve(AdapterId.require(id).substring(0, 2))
                .resolve(id.substring(2, 4))
                .resolve(id + SUFFIX);
    }

    private static UserException failure(String what, IOException e) {
        return new UserException(
                Kind.ENVIRONMENT,
                what + ": " + IoReason.of(e)
                        + "; make room or give write permission there, or use another home with --home DIR",
                e);
    }
}

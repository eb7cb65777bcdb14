package dev.prag.adapterstore;

import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Adapters as files: {@code aa/aabb….adapter} below a directory, where aa are the first characters of the id. A file is
 * the bytes followed by their SHA-256, so that one rename makes both appear and one read verifies them. What no longer
 * matches is moved aside ({@code .corrupt}) and reported as absent: it is encoded again.
 */
public final class FileAdapterStore implements AdapterStore {
    private static final Logger LOG = Logger.getLogger(FileAdapterStore.class);
    private static final String SUFFIX = ".adapter";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8,128}");
    private static final int CHECKSUM_BYTES = 32;

    private final Path directory;

    public FileAdapterStore(Path directory) {
        this.directory = directory;
    }

    @Override
    public String put(String id, byte[] bytes) {
        Path file = file(id);
        String checksum = Hashes.sha256(bytes);
        Path next = null;
        try {
            Files.createDirectories(file.getParent());
            next = Files.createTempFile(file.getParent(), id, ".next");
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                write(channel, ByteBuffer.wrap(bytes));
                write(channel, ByteBuffer.wrap(HexFormat.of().parseHex(checksum)));
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            // The rename itself is durable only once the directory is.
            try (FileChannel parent = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
                parent.force(true);
            }
            return checksum;
        } catch (IOException e) {
            discard(next, e);
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "adapter " + id + " cannot be written to " + directory + " (" + e.getMessage()
                            + "); make room on the disk, or name another home with --home",
                    e);
        }
    }

    @Override
    public Optional<byte[]> get(String id) {
        Path file = file(id);
        byte[] stored;
        try {
            stored = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "adapter " + file + " cannot be read: " + e.getMessage(), e);
        }
        if (stored.length >= CHECKSUM_BYTES) {
            byte[] bytes = Arrays.copyOf(stored, stored.length - CHECKSUM_BYTES);
            String checksum = HexFormat.of().formatHex(stored, bytes.length, stored.length);
            if (Hashes.sha256(bytes).equals(checksum)) {
                return Optional.of(bytes);
            }
        }
        moveAside(file);
        return Optional.empty();
    }

    @Override
    public boolean delete(String id) {
        try {
            return Files.deleteIfExists(file(id));
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "adapter " + id + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    @Override
    public List<Entry> list() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files =
                Files.find(directory, 2, (path, a) -> path.toString().endsWith(SUFFIX))) {
            for (Path file : files.toList()) {
                try {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    String name = file.getFileName().toString();
                    Instant modified = attributes.lastModifiedTime().toInstant();
                    entries.add(new Entry(
                            name.substring(0, name.length() - SUFFIX.length()),
                            Math.max(0, attributes.size() - CHECKSUM_BYTES),
                            modified));
                } catch (NoSuchFileException e) {
                    LOG.debugf("adapter %s was deleted while it was listed", file);
                }
            }
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "adapters in " + directory + " cannot be listed: " + e.getMessage(),
                    e);
        }
        entries.sort(Comparator.comparing(Entry::id));
        return entries;
    }

    private Path file(String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("adapter id \"" + id + "\" is not a hexadecimal hash");
        }
        return directory.resolve(id.substring(0, 2)).resolve(id + SUFFIX);
    }

    private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static void discard(Path file, IOException reason) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private static void moveAside(Path file) {
        Path aside = file.resolveSibling(file.getFileName() + ".corrupt");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warnf(
                    "adapter %s does not match its checksum; it is kept as %s and will be encoded again", file, aside);
        } catch (IOException e) {
            LOG.warnf("adapter %s does not match its checksum and cannot be moved aside: %s", file, e.getMessage());
        }
    }
}

package dev.prag.tensor.safetensors;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Lays tensors out as a safetensors file. */
final class Writer {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Bytes handed to the operating system at once. */
    private static final long CHUNK = 1 << 20;

    private Writer() {}

    static byte[] toBytes(Collection<StoredTensor> tensors, Map<String, String> metadata) {
        List<LazyTensor> sorted = sorted(tensors.stream().map(LazyTensor::of).toList());
        byte[] head = head(sorted, metadata);
        long total = head.length;
        for (LazyTensor tensor : sorted) {
            total += tensor.bytes();
        }
        if (total > Integer.MAX_VALUE - 8) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE, "tensors of " + total + " bytes don't fit an array; write a file");
        }
        byte[] bytes = Arrays.copyOf(head, (int) total);
        MemorySegment target = MemorySegment.ofArray(bytes);
        long[] at = {head.length};
        for (LazyTensor tensor : sorted) {
            tensor.content().write(piece -> {
                MemorySegment.copy(piece, 0, target, at[0], piece.byteSize());
                at[0] += piece.byteSize();
            });
        }
        return bytes;
    }

    static void toFile(Path file, Collection<LazyTensor> tensors, Map<String, String> metadata) {
        Path partial = null;
        try {
            Path folder = file.toAbsolutePath().getParent();
            // Not createTempFile, which makes files that nobody else may read.
            partial = folder.resolve(file.getFileName() + "." + UUID.randomUUID() + ".partial");
            List<LazyTensor> sorted = sorted(tensors);
            try (FileChannel channel =
                    FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                writeFully(channel, ByteBuffer.wrap(head(sorted, metadata)));
                for (LazyTensor tensor : sorted) {
                    write(channel, tensor);
                }
                channel.force(true);
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | UncheckedIOException e) {
            deleteQuietly(partial);
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + " can't be written: " + IoReason.of(e) + "; check the disk's free space and permissions",
                    e);
        } catch (RuntimeException | Error e) {
            deleteQuietly(partial);
            throw e;
        }
    }

    private static void write(FileChannel channel, LazyTensor tensor) throws IOException {
        long from = channel.position();
        tensor.content().write(piece -> {
            try {
                for (long at = 0; at < piece.byteSize(); at += CHUNK) {
                    long size = Math.min(CHUNK, piece.byteSize() - at);
                    writeFully(channel, piece.asSlice(at, size).asByteBuffer());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        long written = channel.position() - from;
        if (written != tensor.bytes()) {
            throw new IllegalStateException(tensor.name() + ": " + written + " bytes instead of " + tensor.bytes());
        }
    }

    private static void deleteQuietly(Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // The failure that led here is the one to report.
            }
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static List<LazyTensor> sorted(Collection<LazyTensor> tensors) {
        Set<String> names = new HashSet<>();
        for (LazyTensor tensor : tensors) {
            if (!names.add(tensor.name()) || tensor.name().equals("__metadata__")) {
                throw new IllegalArgumentException("two tensors, or a reserved word: " + tensor.name());
            }
        }
        return tensors.stream()
                .sorted(Comparator.comparingInt((LazyTensor t) -> -t.dtype().bytes())
                        .thenComparing(LazyTensor::dtype)
                        .thenComparing(LazyTensor::name))
                .toList();
    }

    /** Length and header. */
    private static byte[] head(List<LazyTensor> sorted, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode notes = root.putObject("__metadata__");
            new TreeMap<>(metadata).forEach(notes::put);
        }
        long at = 0;
        for (LazyTensor tensor : sorted) {
            ObjectNode entry = root.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            ArrayNode shape = entry.putArray("shape");
            for (int size : tensor.shape()) {
                shape.add(size);
            }
            entry.putArray("data_offsets").add(at).add(at + tensor.bytes());
            at += tensor.bytes();
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        byte[] head = new byte[8 + padded];
        Arrays.fill(head, (byte) ' ');
        ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
        return head;
    }
}

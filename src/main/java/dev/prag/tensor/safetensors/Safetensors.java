package dev.prag.tensor.safetensors;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors of one safetensors file, mapped into memory; nothing is copied until a tensor's values are. */
public final class Safetensors {
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String origin;
    /** Null for what lies in memory. */
    private final Path file;

    private final MemorySegment data;
    private final Header header;

    private Safetensors(String origin, Path file, MemorySegment data, Header header) {
        this.origin = origin;
        this.file = file;
        this.data = data;
        this.header = header;
    }

    /**
     * Maps a file and checks it whole. The mapping lives as long as anything refers to it.
     *
     * @throws UserException if the file is missing, unreadable, truncated, or says what can't be true
     */
    public static Safetensors open(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            MemorySegment mapped = size == 0
                    ? MemorySegment.NULL
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
            return parse(mapped, file.toString(), file);
        } catch (NoSuchFileException e) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND, file + " is missing; copy the folder it belongs to whole", e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    file + " can't be read: " + IoReason.of(e) + "; check that it is a readable file",
                    e);
        }
    }

    /** Reads what lies in an array. */
    public static Safetensors parse(byte[] bytes, String origin) {
        return parse(MemorySegment.ofArray(bytes), origin);
    }

    /**
     * Reads what lies in memory; the tensors are slices of it.
     *
     * @param origin what to call it in messages
     */
    public static Safetensors parse(MemorySegment bytes, String origin) {
        return parse(bytes, origin, null);
    }

    private static Safetensors parse(MemorySegment bytes, String origin, Path file) {
        if (bytes.byteSize() == 0) {
            throw Header.damaged(origin, "it is empty");
        }
        if (bytes.byteSize() < 8) {
            throw Header.damaged(origin, "truncated: it has only " + bytes.byteSize() + " bytes");
        }
        long length = bytes.get(LENGTH, 0);
        Header.checkLength(origin, length, bytes.byteSize());
        byte[] json = bytes.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment data = bytes.asSlice(8 + length);
        return new Safetensors(origin, file, data, Header.parse(origin, json, data.byteSize()));
    }

    /** Names of all tensors, whatever their types, in the order in which they lie in the file. */
    public Set<String> names() {
        return header.entries().keySet();
    }

    /** What the writer noted; sorted by key. */
    public Map<String, String> metadata() {
        return Map.copyOf(header.metadata());
    }

    /**
     * The tensor of that name.
     *
     * @throws UserException if there is none, or its element type is one that nothing here computes with (such as F64)
     */
    public StoredTensor tensor(String name) {
        Header.Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new UserException(origin + " has no tensor " + name + "; check that it is the right file");
        }
        if (entry.type().dtype() == null) {
            throw new UserException(origin + ": tensor " + name + " has the dtype " + entry.type()
                    + ", which is not supported; save it as F32, F16 or BF16");
        }
        return stored(entry);
    }

    /**
     * All tensors of types that devices know, by name, in the order in which they lie in the file; those of other types
     * are left out here and refused by {@link #tensor}.
     */
    public Map<String, StoredTensor> tensors() {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (Header.Entry entry : header.entries().values()) {
            if (entry.type().dtype() != null) {
                tensors.put(entry.name(), stored(entry));
            }
        }
        return tensors;
    }

    private StoredTensor stored(Header.Entry entry) {
        requireWhole(entry);
        return new StoredTensor(
                entry.name(),
                entry.type().dtype(),
                entry.shape().clone(),
                data.asSlice(entry.begin(), entry.end() - entry.begin()));
    }

    /** A mapped file that has shrunk ends the process where native code reads it, so it is looked at before. */
    private void requireWhole(Header.Entry entry) {
        if (file == null) {
            return;
        }
        long needed = 8 + header.bytes() + entry.end();
        try {
            if (Files.size(file) < needed) {
                throw shrunk(entry.name(), null);
            }
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + " can't be read any more: " + IoReason.of(e) + "; restore it and start again",
                    e);
        }
    }

    /** The error of a fault in reading the mapping, which is how the JVM tells that the file has shrunk. */
    public UserException shrunk(String tensor, InternalError fault) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                origin + " has become shorter while it was in use: tensor " + tensor
                        + " can't be read; copy the file again"
                        + " and start again, and replace files of a running program by moving new ones into their place",
                fault);
    }

    /** The values of a tensor; see {@link StoredTensor#toFloats()}. */
    public static float[] toFloats(StoredTensor tensor) {
        return tensor.toFloats();
    }

    /**
     * The file of these tensors, always the same bytes for the same content: wider types first (so that all lie
     * aligned), then by name; the header is padded with spaces to a multiple of eight bytes.
     */
    public static byte[] write(Collection<StoredTensor> tensors, Map<String, String> metadata) {
        return Writer.toBytes(tensors, metadata);
    }

    /**
     * Writes the same bytes to a file: beside it first, then moved into its place, so that it is there whole or not at
     * all.
     *
     * @throws UserException of kind ENVIRONMENT if that can't be done, such as on a full disk; nothing is left behind
     */
    public static void write(Path file, Collection<StoredTensor> tensors, Map<String, String> metadata) {
        writeLazily(file, tensors.stream().map(LazyTensor::of).toList(), metadata);
    }

    /** The same of tensors that are made while they are written. */
    public static void writeLazily(Path file, Collection<LazyTensor> tensors, Map<String, String> metadata) {
        Writer.toFile(file, tensors, metadata);
    }
}

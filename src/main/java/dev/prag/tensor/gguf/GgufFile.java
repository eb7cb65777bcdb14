package dev.prag.tensor.gguf;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF file, mapped into memory, its metadata and the list of its tensors read and checked: every tensor lies within the
 * file and none over another. Nothing of the tensors is copied.
 */
public final class GgufFile {
    /** How file names of the format end. */
    public static final String SUFFIX = ".gguf";

    private static final String MAGIC = "GGUF";
    private static final int MAX_DIMENSIONS = 4;
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final String ALIGNMENT = "general.alignment";
    private static final String SPLITS = "split.count";

    private final Path file;
    private final Metadata metadata;
    private final Map<String, GgufTensor> tensors;
    private final MemorySegment bytes;
    private final long headBytes;

    private GgufFile(
            Path file, Metadata metadata, Map<String, GgufTensor> tensors, MemorySegment bytes, long headBytes) {
        this.file = file;
        this.metadata = metadata;
        this.tensors = tensors;
        this.bytes = bytes;
        this.headBytes = headBytes;
    }

    /**
     * Maps a file and checks it.
     *
     * @throws UserException if it is missing, unreadable, truncated, of another format, one part of several, or says what
     *     can't be true
     */
    public static GgufFile open(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 24) {
                throw damaged(file.toString(), size == 0 ? "it is empty" : "truncated: it has only " + size + " bytes");
            }
            return read(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto()));
        } catch (NoSuchFileException e) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND, file + " is missing; give the path of a GGUF file", e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    file + " can't be read: " + IoReason.of(e) + "; check that it is a readable file",
                    e);
        }
    }

    static UserException damaged(String origin, String cause) {
        return new UserException(origin + " is not a valid GGUF file: " + cause
                + "; the file is damaged or was not copied whole: copy or download it again");
    }

    private static GgufFile read(Path file, MemorySegment bytes) {
        String origin = file.toString();
        Cursor in = new Cursor(origin, bytes);
        requireMagic(origin, bytes);
        in.i32("the first word");
        requireVersion(origin, in.i32("the version"));
        // A tensor takes 24 bytes at least to be named and described, a value of metadata 13.
        int tensorCount = in.count("the number of tensors", 24);
        Metadata metadata = Metadata.read(origin, in, in.count("the number of metadata", 13));
        if (metadata.integer(SPLITS).orElse(1) > 1) {
            throw new UserException(
                    origin + " is one of " + metadata.needInteger(SPLITS) + " parts of a split GGUF file,"
                            + " which are not read; join them first with llama-gguf-split --merge");
        }
        long alignment = alignment(metadata);
        List<Entry> entries = new ArrayList<>(tensorCount);
        for (int i = 0; i < tensorCount; i++) {
            entries.add(Entry.read(origin, in, i, alignment));
        }
        long data = Math.ceilDiv(in.at(), alignment) * alignment;
        return new GgufFile(file, metadata, placed(origin, entries, bytes, data), bytes, in.at());
    }

    private static void requireMagic(String origin, MemorySegment bytes) {
        byte[] magic = bytes.asSlice(0, 4).toArray(ValueLayout.JAVA_BYTE);
        String found = new String(magic, StandardCharsets.ISO_8859_1);
        if (found.equals(MAGIC)) {
            return;
        }
        String reversed = new StringBuilder(found).reverse().toString();
        if (List.of("ggml", "ggmf", "ggjt", "ggla").contains(reversed)) {
            throw new UserException(origin + " is a file of the older format " + reversed
                    + ", which is not read; use a GGUF file of the model");
        }
        throw damaged(origin, "it doesn't begin with " + MAGIC + " but with the bytes " + hex(magic));
    }

    private static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) {
            hex.append(hex.isEmpty() ? "" : " ").append(String.format("%02x", b));
        }
        return hex.toString();
    }

    private static void requireVersion(String origin, int version) {
        if (version == 2 || version == 3) {
            return;
        }
        if ((version & 0xFFFF) == 0 && version != 0) {
            throw new UserException(origin + " is a GGUF file for big-endian machines, which is not read; use a"
                    + " little-endian one");
        }
        throw new UserException(origin + " is a GGUF file of version " + Integer.toUnsignedString(version)
                + ", which is not read; use one of version 2 or 3");
    }

    private static long alignment(Metadata metadata) {
        long alignment = metadata.integer(ALIGNMENT).map(Integer::longValue).orElse(DEFAULT_ALIGNMENT);
        if (alignment < 8 || Long.bitCount(alignment) != 1) {
            throw metadata.wrong(ALIGNMENT, "must be a power of two from 8 on");
        }
        return alignment;
    }

    /** Where a tensor lies: {@code bytes} from {@code offset} on, counted from the first tensor's place. */
    @SuppressWarnings("ArrayRecordComponent") // Entries are told apart by name.
    private record Entry(String name, GgmlType type, int[] shape, long offset, long bytes) {
        static Entry read(String origin, Cursor in, int number, long alignment) {
            String name = in.name("the name of tensor number " + number);
            String what = "tensor " + name;
            int dimensions = in.i32(what);
            if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
                throw damaged(
                        origin,
                        what + " has " + Integer.toUnsignedString(dimensions) + " dimensions, where 1 to "
                                + MAX_DIMENSIONS + " are possible");
            }
            int[] shape = new int[dimensions];
            for (int i = dimensions - 1; i >= 0; i--) {
                long size = in.i64(what);
                if (size < 1 || size > Integer.MAX_VALUE) {
                    throw damaged(origin, what + " has a dimension of " + Long.toUnsignedString(size));
                }
                shape[i] = (int) size;
            }
            int typeNumber = in.i32(what);
            GgmlType type = GgmlType.of(typeNumber)
                    .orElseThrow(() -> new UserException(origin + ": " + what + " has the type number "
                            + Integer.toUnsignedString(typeNumber) + ", which is not known; use a file of one of "
                            + GgmlType.supported()));
            long offset = in.i64(what);
            if (offset < 0 || offset % alignment != 0) {
                throw damaged(
                        origin,
                        what + " begins at byte " + Long.toUnsignedString(offset)
                                + " of the tensors' part, which is no multiple of the alignment, " + alignment);
            }
            return new Entry(name, type, shape, offset, bytes(origin, what, type, shape));
        }

        private static long bytes(String origin, String what, GgmlType type, int[] shape) {
            if (shape[shape.length - 1] % type.blockValues() != 0) {
                throw damaged(
                        origin,
                        what + " has rows of " + shape[shape.length - 1] + " values, which is no multiple of the "
                                + type.blockValues() + " of a block of " + type);
            }
            try {
                long values = 1;
                for (int size : shape) {
                    values = Math.multiplyExact(values, (long) size);
                }
                return type.bytes(values);
            } catch (ArithmeticException e) {
                throw damaged(origin, what + " is too large: " + Arrays.toString(shape));
            }
        }
    }

    private static Map<String, GgufTensor> placed(String origin, List<Entry> entries, MemorySegment bytes, long data) {
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        entries.sort(Comparator.comparingLong(Entry::offset));
        long room = Math.max(0, bytes.byteSize() - data);
        long at = 0;
        for (Entry entry : entries) {
            if (entry.bytes() > room || entry.offset() > room - entry.bytes()) {
                throw damaged(
                        origin,
                        "truncated: tensor " + entry.name() + " has " + entry.bytes() + " bytes from byte "
                                + entry.offset() + " of the tensors' part on, which has " + room);
            }
            if (entry.offset() < at) {
                throw damaged(origin, "tensor " + entry.name() + " overlaps the one before it");
            }
            at = entry.offset() + entry.bytes();
            GgufTensor tensor = new GgufTensor(
                    origin,
                    entry.name(),
                    entry.type(),
                    entry.shape(),
                    bytes.asSlice(data + entry.offset(), entry.bytes()));
            if (tensors.put(entry.name(), tensor) != null) {
                throw damaged(origin, "tensor " + entry.name() + " stands in it twice");
            }
        }
        return Collections.unmodifiableMap(tensors);
    }

    public Path path() {
        return file;
    }

    /** What comes before the tensors: metadata and the list of tensors, as they are in the file. */
    public MemorySegment head() {
        return bytes.asSlice(0, headBytes);
    }

    public Metadata metadata() {
        return metadata;
    }

    /** All tensors by name, in the order in which they lie in the file. */
    public Map<String, GgufTensor> tensors() {
        return tensors;
    }

    /**
     * The tensor of that name, if there is one.
     *
     * @throws UserException if the file has become shorter since it was opened: a mapping that has lost its end could end
     *     the process where it is read
     */
    public Optional<GgufTensor> tensor(String name) {
        try {
            if (Files.size(file) < bytes.byteSize()) {
                throw shrunk(name, null);
            }
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + " can't be read any more: " + IoReason.of(e) + "; restore it and start again",
                    e);
        }
        return Optional.ofNullable(tensors.get(name));
    }

    /** The error of a fault in reading the mapping, which is how the JVM tells that the file has shrunk. */
    public UserException shrunk(String tensor, InternalError fault) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                file + " has become shorter while it was in use: tensor " + tensor + " can't be read; copy the file"
                        + " again and start again, and replace files of a running program by moving new ones into"
                        + " their place",
                fault);
    }
}

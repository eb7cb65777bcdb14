package dev.prag.bench;

import dev.prag.llm.TensorSource;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Random bf16 weights for a device that copies them to memory of its own: pieces of one file in the page cache, one behind
 * the other, from its beginning again where it ends. So a model of any size takes as long to be read as one of its own
 * file, and none to be made.
 */
final class MappedWeights implements TensorSource, AutoCloseable {
    private static final long LEAST_BYTES = 1L << 30;
    private static final int ALIGNMENT = 4096;

    private final FileChannel channel;
    private final long length;
    private final Path file;
    private final Arena arena = Arena.ofShared();
    private MemorySegment mapped;
    private long next;

    /**
     * Writes the file.
     *
     * @param largest bytes of the largest tensor
     */
    MappedWeights(Path folder, long largest) throws IOException {
        length = Math.max(largest, Math.min(LEAST_BYTES, 4 * largest));
        file = Files.createTempFile(folder, "prag-bench-", ".weights");
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (Arena writing = Arena.ofConfined()) {
            RandomWeights.fill(channel.map(MapMode.READ_WRITE, 0, length, writing), RandomWeights.pattern());
        }
        map();
    }

    /** Anew each time around: a model's own file has no page mapped yet, either. */
    private void map() {
        try {
            mapped = channel.map(MapMode.READ_ONLY, 0, length, arena);
            next = 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public StoredTensor require(String name, int... shape) {
        long bytes = RandomWeights.bytes(shape);
        if (next + bytes > length) {
            map();
        }
        MemorySegment data = mapped.asSlice(next, bytes);
        next += Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
        return new StoredTensor(name, DType.BF16, shape, data);
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
        Files.delete(file);
    }
}

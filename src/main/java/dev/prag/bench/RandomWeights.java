package dev.prag.bench;

import dev.prag.llm.TensorSource;
import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Random bf16 weights in memory, small enough that activations stay finite. Each tensor has memory of its own, as in a
 * model's file; its numbers repeat after a megabyte, which no product can tell.
 */
final class RandomWeights implements TensorSource {
    private static final int PATTERN = 1 << 19;
    private static final float WIDTH = 0.04f;

    /** Its memory goes when nothing refers to the weights any more. */
    private final Arena arena = Arena.ofAuto();

    private final MemorySegment pattern = pattern();

    /** The numbers that all weights are made of. */
    static MemorySegment pattern() {
        MemorySegment pattern = MemorySegment.ofArray(new short[PATTERN]);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < PATTERN; i++) {
            pattern.setAtIndex(ValueLayout.JAVA_SHORT, i, BFloat16.bits((float) (random.nextDouble() - 0.5) * WIDTH));
        }
        return pattern;
    }

    /** Fills memory with them. */
    static void fill(MemorySegment data, MemorySegment pattern) {
        for (long at = 0; at < data.byteSize(); at += pattern.byteSize()) {
            MemorySegment.copy(pattern, 0, data, at, Math.min(pattern.byteSize(), data.byteSize() - at));
        }
    }

    /** Bytes of a tensor in bf16. */
    static long bytes(int... shape) {
        long bytes = DType.BF16.bytes();
        for (int size : shape) {
            bytes *= size;
        }
        return bytes;
    }

    @Override
    public StoredTensor require(String name, int... shape) {
        MemorySegment data = arena.allocate(bytes(shape), 64);
        fill(data, pattern);
        return new StoredTensor(name, DType.BF16, shape, data);
    }
}

package dev.prag.tensor.safetensors;

import dev.prag.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * A tensor to be written whose elements are made when their turn comes, so that they are never in memory all at once.
 *
 * @param shape sizes of its dimensions, outermost first
 * @param content makes the elements
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
public record LazyTensor(String name, DType dtype, int[] shape, Content content) {
    /** Makes a tensor's elements. */
    @FunctionalInterface
    public interface Content {
        /** @param pieces takes the elements, row-major, little-endian, in as many pieces as they come */
        void write(Consumer<MemorySegment> pieces);
    }

    static LazyTensor of(StoredTensor tensor) {
        return new LazyTensor(tensor.name(), tensor.dtype(), tensor.shape(), pieces -> pieces.accept(tensor.data()));
    }

    long bytes() {
        long bytes = dtype.bytes();
        for (int size : shape) {
            bytes = Math.multiplyExact(bytes, (long) size);
        }
        return bytes;
    }
}

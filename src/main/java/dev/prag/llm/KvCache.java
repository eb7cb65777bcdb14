package dev.prag.llm;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.KvLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of past positions for every layer, paged by blocks (Kwon et al., 2023). Block b holds {@code
 * blockSize} positions of one sequence in every layer; which block belongs to whom is kept by the caller, in the block
 * tables of its {@link dev.prag.tensor.Span}s.
 */
public final class KvCache implements AutoCloseable {
    private final List<KvLayer> layers = new ArrayList<>();
    private final int blocks;
    private final int blockSize;

    KvCache(Device device, DType type, int layerCount, int kvCols, int blocks, int blockSize) {
        this.blocks = blocks;
        this.blockSize = blockSize;
        int positions = Math.multiplyExact(blocks, blockSize);
        for (int i = 0; i < layerCount; i++) {
            layers.add(new KvLayer(
                    device.allocate(type, positions, kvCols), device.allocate(type, positions, kvCols), blockSize));
        }
    }

    KvLayer layer(int index) {
        return layers.get(index);
    }

    /** Number of blocks, each of which holds the same positions of every layer. */
    public int blocks() {
        return blocks;
    }

    /** Positions in a block. */
    public int blockSize() {
        return blockSize;
    }

    @Override
    public void close() {
        for (KvLayer layer : layers) {
            layer.keys().close();
            layer.values().close();
        }
    }
}

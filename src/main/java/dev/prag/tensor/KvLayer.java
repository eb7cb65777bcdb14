package dev.prag.tensor;

/**
 * One layer's paged cache: keys and values, each [blocks * blockSize, kvCols] F32, a row per position.
 *
 * @param blockSize positions in a block
 */
public record KvLayer(Tensor keys, Tensor values, int blockSize) {}

package dev.prag.tensor;

/**
 * One layer's paged cache: keys and values, each [blocks * blockSize, kvCols], a row per position. Both are of one of the
 * types that {@link Device#cacheTypes} names: F32, or BF16, to which keys and values are rounded when they are written.
 *
 * @param blockSize positions in a block
 */
public record KvLayer(Tensor keys, Tensor values, int blockSize) {}

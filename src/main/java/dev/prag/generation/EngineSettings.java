package dev.prag.generation;

import dev.prag.base.UserException;
import dev.prag.llm.ModelConfig;
import dev.prag.tensor.DType;

/**
 * What the engine reserves when it starts.
 *
 * @param contextTokens longest prompt and continuation together
 * @param maxSequences most sequences in one step
 * @param maxWaiting most requests that wait beside them
 * @param prefillRows most prompt tokens computed in one step, beside one token of each sequence that is being continued
 * @param blockSize positions in a block of the cache
 * @param cacheBlocks blocks of the cache, shared by all sequences
 * @param merging when a composition is merged into a copy of the weights; nothing else is made after the start
 */
public record EngineSettings(
        int contextTokens,
        int maxSequences,
        int maxWaiting,
        int prefillRows,
        int blockSize,
        int cacheBlocks,
        MergeSettings merging) {
    private static final int MAX_WAITING = 256;
    private static final int PREFILL_ROWS = 256;
    private static final int BLOCK_SIZE = 16;

    public EngineSettings {
        atLeast("contextTokens", contextTokens, 2);
        atLeast("maxSequences", maxSequences, 1);
        atLeast("maxWaiting", maxWaiting, 0);
        atLeast("prefillRows", prefillRows, 1);
        atLeast("blockSize", blockSize, 1);
        if (cacheBlocks < Math.ceilDiv(contextTokens, blockSize)) {
            throw new UserException("the cache holds " + (long) cacheBlocks * blockSize
                    + " tokens, which is less than one context of " + contextTokens
                    + ": give the cache more memory (prag.cache.mib), or a smaller --context");
        }
    }

    /** Without merged copies. */
    public EngineSettings(
            int contextTokens, int maxSequences, int maxWaiting, int prefillRows, int blockSize, int cacheBlocks) {
        this(contextTokens, maxSequences, maxWaiting, prefillRows, blockSize, cacheBlocks, MergeSettings.OFF);
    }

    /** A cache in which every sequence can have the whole context. */
    public static EngineSettings of(int contextTokens, int maxSequences) {
        int blocks = Math.multiplyExact(Math.ceilDiv(contextTokens, BLOCK_SIZE), maxSequences);
        return new EngineSettings(contextTokens, maxSequences, MAX_WAITING, PREFILL_ROWS, BLOCK_SIZE, blocks);
    }

    /**
     * The same with a cache of at most so many bytes; requests wait until their blocks are free.
     *
     * @param type of what is kept
     */
    public EngineSettings withCacheBytes(long bytes, ModelConfig model, DType type) {
        long blocks = bytes / (bytesPerToken(model, type) * blockSize);
        return withCacheBlocks((int) Math.min(blocks, cacheBlocks));
    }

    public EngineSettings withCacheBlocks(int blocks) {
        return new EngineSettings(contextTokens, maxSequences, maxWaiting, prefillRows, blockSize, blocks, merging);
    }

    public EngineSettings withMaxWaiting(int requests) {
        return new EngineSettings(contextTokens, maxSequences, requests, prefillRows, blockSize, cacheBlocks, merging);
    }

    public EngineSettings withPrefillRows(int rows) {
        return new EngineSettings(contextTokens, maxSequences, maxWaiting, rows, blockSize, cacheBlocks, merging);
    }

    public EngineSettings withMerging(MergeSettings other) {
        return new EngineSettings(contextTokens, maxSequences, maxWaiting, prefillRows, blockSize, cacheBlocks, other);
    }

    /** Bytes of keys and values that one position of one sequence takes. */
    public static long bytesPerToken(ModelConfig model, DType type) {
        return 2L * type.bytes() * model.layers() * model.kvHeads() * model.headDim();
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new UserException(name + " " + value + ": must be at least " + least);
        }
    }
}

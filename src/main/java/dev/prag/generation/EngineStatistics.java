package dev.prag.generation;

/**
 * A moment of the engine.
 *
 * @param running sequences that have their blocks
 * @param waiting requests that don't
 * @param freeBlocks blocks of the cache that no sequence has
 * @param cachedBlocks those of them that hold the beginning of a prompt, which may come again
 * @param blocks all blocks of the cache
 * @param steps steps made so far
 * @param rows rows computed in them
 * @param reusedRows rows of prompts that were not computed, because a sequence of the same composition that begins
 *     alike had done so
 * @param tokens tokens chosen in them
 * @param merges copies of the weights with a composition merged into them
 */
public record EngineStatistics(
        int running,
        int waiting,
        int freeBlocks,
        int cachedBlocks,
        int blocks,
        long steps,
        long rows,
        long reusedRows,
        long tokens,
        MergeStatistics merges) {}

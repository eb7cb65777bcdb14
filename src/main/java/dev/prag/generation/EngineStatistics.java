package dev.prag.generation;

/**
 * A moment of the engine.
 *
 * @param running sequences that have their blocks
 * @param waiting requests that don't
 * @param freeBlocks blocks of the cache that nobody has
 * @param blocks all blocks of the cache
 * @param steps steps made so far
 * @param rows rows computed in them
 * @param tokens tokens chosen in them
 */
public record EngineStatistics(
        int running, int waiting, int freeBlocks, int blocks, long steps, long rows, long tokens) {}

package dev.prag.tensor;

/**
 * The rows of one sequence within a batch, as attention sees them: rows [row, row + rows) stand at the positions
 * position, position + 1, …. Keys and values of positions below {@code position} come from the cache, through the
 * block table; those of the span's own rows come from the batch itself (and may therefore carry a gradient).
 *
 * @param row first row of the span in the batch
 * @param rows number of rows
 * @param position position of the first row in its sequence
 * @param blocks block table: position p lies in cache row {@code blocks[p / blockSize] * blockSize + p % blockSize};
 *     empty where nothing is cached and position is 0
 */
public record Span(int row, int rows, int position, int[] blocks) {
    private static final int[] NONE = {};

    /** A whole sequence that uses no cache. */
    public static Span of(int row, int rows) {
        return new Span(row, rows, 0, NONE);
    }

    /** Whether this span's keys and values are kept in the cache. */
    public boolean cached() {
        return blocks.length > 0;
    }
}

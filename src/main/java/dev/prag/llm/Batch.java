package dev.prag.llm;

import java.util.List;

/**
 * Rows of tokens cut into segments, which is what both serving and training run: a decoding step is many segments of
 * one row, a prefill is a long one, a training step is many samples of many passages. The segments cover the rows in
 * order, without gaps.
 *
 * @param ids token id of every row
 */
public record Batch(int[] ids, List<Segment> segments) {
    public Batch {
        segments = List.copyOf(segments);
        int next = 0;
        for (Segment segment : segments) {
            if (segment.span().row() != next || segment.span().rows() < 1) {
                throw new IllegalArgumentException("segments must cover the rows in order: " + segment.span());
            }
            next += segment.span().rows();
        }
        if (next != ids.length) {
            throw new IllegalArgumentException("segments cover " + next + " of " + ids.length + " rows");
        }
    }

    public int rows() {
        return ids.length;
    }
}

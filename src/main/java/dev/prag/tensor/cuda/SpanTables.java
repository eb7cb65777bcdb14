package dev.prag.tensor.cuda;

import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the kernels of attention read of a batch's spans, in tables on the device: the block tables one after another,
 * and pieces of spans, eight integers each, of which a block of a kernel has one. Tables are reserved in powers of two,
 * so that the steps of decoding go on reading at the same addresses while their contexts grow.
 */
final class SpanTables {
    /** Spans of so many rows at most are decoded, a row at a time; longer ones go in tiles. */
    static final int FEW_ROWS = 8;

    /** Rows of a tile. */
    static final int TILE_ROWS = 64;

    private static final int PIECE_BYTES = 32;

    /**
     * Pieces on the device.
     *
     * @param count pieces, rounded up: those behind the last have no rows
     * @param context positions that the longest sees, at least
     */
    record Pieces(long address, int count, int context) {
        boolean isEmpty() {
            return count == 0;
        }
    }

    private final Metadata metadata;
    private final long epoch;
    private final int batchRows;
    private final List<Span> given;
    private final List<Span> spans = new ArrayList<>();
    /** Where each span's block table begins. */
    private final int[] offsets;

    private final long blocks;
    private Pieces few;
    private Pieces many;
    private Pieces all;
    private long places;
    /** Of the cache that {@link #places} are rows of; 0 before. */
    private int placesBlockSize;

    /**
     * @param batchRows rows of the batch
     * @param given its spans
     */
    SpanTables(Metadata metadata, int batchRows, List<Span> given) {
        this.metadata = metadata;
        this.batchRows = batchRows;
        this.given = List.copyOf(given);
        epoch = metadata.epoch();
        given.stream().filter(span -> span.rows() > 0).forEach(spans::add);
        offsets = new int[spans.size()];
        int length = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = length;
            length += spans.get(i).blocks().length;
        }
        Metadata.Table table = metadata.reserve(4L * powerOfTwo(length));
        for (Span span : spans) {
            for (int block : span.blocks()) {
                table.add(block);
            }
        }
        blocks = table.address();
    }

    /** Whether these are still on the device, and those of such a batch: all layers of a step have the same spans. */
    boolean serve(int rows, List<Span> wanted) {
        if (metadata.epoch() != epoch || rows != batchRows || wanted.size() != given.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i) != given.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** Address of the block tables. */
    long blocks() {
        return blocks;
    }

    /** Whether every row of the batch is a span's. */
    boolean coverAll() {
        return spans.stream().mapToInt(Span::rows).sum() == batchRows;
    }

    /** The rows of spans that have few. */
    Pieces few() {
        if (few == null) {
            few = pieces(1, FEW_ROWS, 1);
        }
        return few;
    }

    /** Tiles of the spans that have more. */
    Pieces many() {
        if (many == null) {
            many = pieces(FEW_ROWS + 1, Integer.MAX_VALUE, TILE_ROWS);
        }
        return many;
    }

    /** Tiles of all spans. */
    Pieces all() {
        if (all == null) {
            all = pieces(1, Integer.MAX_VALUE, TILE_ROWS);
        }
        return all;
    }

    /** Address of a table of the row in the cache of each row of the batch, -1 where it isn't kept. */
    long places(int blockSize) {
        if (placesBlockSize != blockSize) {
            placesBlockSize = blockSize;
            int[] rows = new int[batchRows];
            Arrays.fill(rows, -1);
            for (Span span : spans) {
                for (int i = 0; span.cached() && i < span.rows(); i++) {
                    int position = span.position() + i;
                    rows[span.row() + i] = span.blocks()[position / blockSize] * blockSize + position % blockSize;
                }
            }
            places = metadata.ints(rows);
        }
        return places;
    }

    /** Pieces of at most {@code size} rows of the spans that have {@code least} to {@code most}. */
    private Pieces pieces(int least, int most, int size) {
        int count = 0;
        int context = 0;
        for (Span span : spans) {
            if (span.rows() >= least && span.rows() <= most) {
                count += Math.ceilDiv(span.rows(), size);
                context = Math.max(context, span.position() + span.rows());
            }
        }
        if (count == 0) {
            return new Pieces(0, 0, 0);
        }
        // No more than the batch may have, which are as many in every step of decoding.
        int rounded = Math.min(powerOfTwo(count), Math.max(count, batchRows));
        Metadata.Table table = metadata.reserve((long) PIECE_BYTES * rounded);
        int at = 0;
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            if (span.rows() >= least && span.rows() <= most) {
                for (int row = 0; row < span.rows(); row += size, at += PIECE_BYTES) {
                    table.at(at)
                            .add(span.row() + row)
                            .add(Math.min(size, span.rows() - row))
                            .add(span.row())
                            .add(span.position())
                            .add(span.rows())
                            .add(offsets[i]);
                }
            }
        }
        for (; at < rounded * PIECE_BYTES; at += PIECE_BYTES) {
            table.at(at).add(0).add(0);
        }
        return new Pieces(table.address(), rounded, powerOfTwo(context));
    }

    static int powerOfTwo(int n) {
        return n <= 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
    }
}

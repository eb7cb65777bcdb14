package dev.prag.tensor.cuda;

import dev.prag.tensor.LoraSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Spans as the kernels of src/main/cuda/lora.cu read them: cut into pieces of rows, with a piece's adapters, its uses,
 * one after another. How many blocks read a table depends on rounded counts; places beyond the last entry are empty.
 */
final class LoraTables {
    /** As in lora.cu. */
    private static final int TILE = 8;

    private static final int PIECE = 64;
    private static final int PIECE_BYTES = 24;
    private static final int USE_BYTES = 40;

    /** Vectors of A that a block multiplies: fewer where there are few rows, so that more blocks read at once. */
    private static final int FEW = 2;

    private static final int MANY = 4;

    private record Piece(int row, int rows, int ranks, int hidden, int firstUse, List<LoraSpan.Part> parts) {}

    private record Adapter(long a, long b) {}

    private final List<Piece> pieces = new ArrayList<>();
    private int uses;
    private int hidden;
    private int mostRows;
    private int mostRank;
    private int mostRanks;

    LoraTables(List<LoraSpan> spans) {
        for (LoraSpan span : spans) {
            int ranks = 0;
            for (LoraSpan.Part part : span.parts()) {
                ranks += part.rank();
                mostRank = Math.max(mostRank, part.rank());
            }
            mostRanks = Math.max(mostRanks, ranks);
            for (int from = 0; from < span.rows() && ranks > 0; from += PIECE) {
                int rows = Math.min(PIECE, span.rows() - from);
                pieces.add(new Piece(span.row() + from, rows, ranks, hidden, uses, span.parts()));
                uses += span.parts().size();
                hidden = Math.addExact(hidden, Math.multiplyExact(rows, ranks));
                mostRows = Math.max(mostRows, rows);
            }
        }
    }

    /** Whether no row has an adapter. */
    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Whether no span has more than one row. */
    boolean haveRowsOnly() {
        return mostRows == 1;
    }

    /** Vectors of A, of all adapters of one row, at most. */
    int mostRanks() {
        return mostRanks;
    }

    /** Hidden values of all rows, or more. */
    long hidden() {
        return Buckets.doubled(hidden);
    }

    /** Tiles of a piece. */
    int tiles() {
        return mostRows <= TILE ? 1 : PIECE / TILE;
    }

    /** Blocks for all tiles of all pieces, or of their uses. */
    long pieceBlocks() {
        return (long) Buckets.up(pieces.size()) * tiles();
    }

    long useBlocks() {
        return (long) Buckets.up(uses) * tiles();
    }

    /** Vectors of A that one block multiplies. */
    int group() {
        return mostRows <= TILE ? FEW : MANY;
    }

    /** Blocks for all vectors of an adapter, some of them at once. */
    int rankBlocks(int group) {
        return Buckets.doubled(Math.ceilDiv(mostRank, group));
    }

    /** The address of the table of pieces. */
    long pieces(Metadata metadata) {
        int places = Buckets.up(pieces.size());
        Metadata.Table table = metadata.reserve((long) places * PIECE_BYTES);
        for (Piece piece : pieces) {
            table.add(piece.hidden())
                    .add(piece.row())
                    .add(piece.rows())
                    .add(piece.firstUse())
                    .add(piece.parts().size())
                    .add(piece.ranks());
        }
        empty(table, (long) (places - pieces.size()) * PIECE_BYTES);
        return table.address();
    }

    /** The address of the table of uses. */
    long uses(Metadata metadata) {
        int places = Buckets.up(uses);
        Metadata.Table table = metadata.reserve((long) places * USE_BYTES);
        for (Piece piece : pieces) {
            int first = piece.hidden();
            for (LoraSpan.Part part : piece.parts()) {
                table.add(part.a()).add(part.b()).add(part.rank()).add(part.scale());
                table.add(first).add(piece.row()).add(piece.rows()).add(piece.ranks());
                first += part.rank();
            }
        }
        empty(table, (long) (places - uses) * USE_BYTES);
        return table.address();
    }

    private static void empty(Metadata.Table table, long bytes) {
        for (long i = 0; i < bytes; i += 4) {
            table.add(0);
        }
    }

    /**
     * Uses by adapter, so that one block sums over all rows of an adapter, in their order.
     *
     * @param order address of the indices of uses
     * @param starts address of each adapter's first place in it, and the end
     */
    record ByAdapter(int adapters, long order, long starts) {}

    ByAdapter byAdapter(Metadata metadata) {
        Map<Adapter, Integer> known = new HashMap<>();
        int[] adapterOf = new int[uses];
        int use = 0;
        for (Piece piece : pieces) {
            for (LoraSpan.Part part : piece.parts()) {
                adapterOf[use++] = known.computeIfAbsent(new Adapter(part.a(), part.b()), key -> known.size());
            }
        }
        int adapters = Buckets.up(known.size());
        int[] starts = new int[adapters + 1];
        for (int adapter : adapterOf) {
            starts[adapter + 1]++;
        }
        for (int i = 0; i < adapters; i++) {
            starts[i + 1] += starts[i];
        }
        int[] next = starts.clone();
        int[] order = new int[Buckets.up(uses)];
        for (int i = 0; i < uses; i++) {
            order[next[adapterOf[i]]++] = i;
        }
        return new ByAdapter(adapters, metadata.ints(order), metadata.ints(starts));
    }
}

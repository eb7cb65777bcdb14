package dev.prag.tensor.cuda;

import dev.prag.tensor.LoraBound;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Low-rank side branches; see src/main/cuda/lora.cu. */
final class CudaLora {
    private static final String FAMILY = "lora";

    /** Threads that multiply a row with a vector of A at most: enough for a long row to be read at once. */
    private static final int SHRINK_THREADS = 512;

    /** As in lora.cu: vectors and columns of a block that sums gradients. */
    private static final int GROUP = 8;

    private static final int COLUMNS = 128;

    private static final int BOUND_BYTES = 40;
    private static final int BOUND_BLOCKS = 16;

    /** Elements of a row's adapters that each block of lora_row reads at most; more is faster read once, by two launches. */
    private static final int MOST_AGAIN = 1 << 16;

    private final Core core;
    private final Room hidden;
    private final Room norms;

    CudaLora(Core core) {
        this.core = core;
        hidden = new Room(core.pool());
        norms = new Room(core.pool());
    }

    void forward(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans) {
        LoraTables tables = new LoraTables(spans);
        if (tables.isEmpty()) {
            return;
        }
        Metadata metadata = core.queue().metadata();
        long uses = tables.uses(metadata);
        long pieces = tables.pieces(metadata);
        if (tables.haveRowsOnly() && (long) tables.mostRanks() * x.cols() <= MOST_AGAIN) {
            row(tables, uses, pieces, y, x, slab);
            return;
        }
        long u = hidden.atLeast(4 * tables.hidden());
        shrink(tables, uses, u, 0, x, null, slab, x.cols(), y.cols());
        expand(tables, uses, pieces, y, u, slab, true);
    }

    void backward(Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans) {
        LoraTables tables = new LoraTables(spans);
        if (tables.isEmpty()) {
            return;
        }
        int in = x.cols();
        int out = dy.cols();
        Metadata metadata = core.queue().metadata();
        long uses = tables.uses(metadata);
        long u = hidden.atLeast(8 * tables.hidden());
        long v = u + 4 * tables.hidden();
        shrink(tables, uses, u, v, x, dy, slab, in, out);
        if (dx != null) {
            expand(tables, uses, tables.pieces(metadata), dx, v, slab, false);
        }
        LoraTables.ByAdapter adapters = tables.byAdapter(metadata);
        core.launch(FAMILY, "lora_gradients")
                .grid(
                        adapters.adapters(),
                        Math.ceilDiv(in, COLUMNS) + Math.ceilDiv(out, COLUMNS),
                        tables.rankBlocks(GROUP))
                .block(Core.THREADS)
                .pointer(core.out(grads))
                .pointer(u)
                .pointer(v)
                .pointer(Core.at(x))
                .pointer(Core.at(dy))
                .pointer(uses)
                .pointer(adapters.order())
                .pointer(adapters.starts())
                .integer(in)
                .integer(out)
                .go();
    }

    /** y += Σ scale·(x Aᵀ) B where every span has one row. */
    private void row(LoraTables tables, long uses, long pieces, Tensor y, Tensor x, Tensor slab) {
        int threads = threads(x.cols(), SHRINK_THREADS);
        core.launch(FAMILY, "lora_row")
                .grid(tables.pieceBlocks(), Math.ceilDiv(y.cols(), 2 * threads))
                .block(threads)
                .pointer(core.out(y))
                .pointer(Core.at(x))
                .pointer(Core.at(slab))
                .pointer(pieces)
                .pointer(uses)
                .integer(x.cols())
                .integer(y.cols())
                .go();
    }

    /** u ← scale·(x Aᵀ), and where dy is not null v ← scale·(dy Bᵀ). */
    private void shrink(
            LoraTables tables, long uses, long u, long v, Tensor x, Tensor dy, Tensor slab, int in, int out) {
        core.launch(FAMILY, "lora_shrink")
                .grid(tables.useBlocks(), tables.rankBlocks(tables.group()), dy == null ? 1 : 2)
                .block(threads(dy == null ? in : Math.max(in, out), SHRINK_THREADS))
                .pointer(u)
                .pointer(v)
                .pointer(Core.at(x))
                .pointer(Core.at(dy))
                .pointer(Core.at(slab))
                .pointer(uses)
                .integer(in)
                .integer(out)
                .integer(tables.tiles())
                .integer(tables.group())
                .go();
    }

    /** y += hidden·B, or without {@code ofB} y += hidden·A. */
    private void expand(LoraTables tables, long uses, long pieces, Tensor y, long values, Tensor slab, boolean ofB) {
        int threads = threads(y.cols(), Core.THREADS);
        core.launch(FAMILY, "lora_expand")
                .grid(tables.pieceBlocks(), Math.ceilDiv(y.cols(), threads))
                .block(threads)
                .pointer(core.out(y))
                .pointer(values)
                .pointer(Core.at(slab))
                .pointer(pieces)
                .pointer(uses)
                .integer(y.cols())
                .integer(tables.tiles())
                .integer(ofB ? 1 : 0)
                .go();
    }

    /** A thread for each column, in whole warps, up to so many. */
    private static int threads(int columns, int most) {
        return Math.min(most, Math.ceilDiv(columns, 32) * 32);
    }

    void bound(Tensor slab, List<LoraBound> bounds) {
        if (bounds.isEmpty()) {
            return;
        }
        int ranks = 0;
        Metadata.Table table = core.queue().metadata().reserve((long) bounds.size() * BOUND_BYTES);
        for (LoraBound bound : bounds) {
            LoraSpan.Part part = bound.part();
            ranks = Math.max(ranks, part.rank());
            table.add(part.a()).add(part.b()).add(bound.in()).add(bound.out());
            table.add(part.rank()).add(part.scale()).add(bound.most()).add(0);
        }
        long sums = norms.atLeast(8L * bounds.size() * ranks);
        long to = core.out(slab);
        core.launch(FAMILY, "lora_norms")
                .grid(bounds.size(), ranks)
                .block(Core.THREADS)
                .pointer(sums)
                .pointer(to)
                .pointer(table.address())
                .go();
        core.launch(FAMILY, "lora_bound")
                .grid(bounds.size(), BOUND_BLOCKS)
                .block(Core.THREADS)
                .pointer(to)
                .pointer(sums)
                .pointer(table.address())
                .integer(ranks)
                .go();
    }
}

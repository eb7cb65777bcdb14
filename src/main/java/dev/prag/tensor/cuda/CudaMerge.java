package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import java.util.List;

/**
 * Merging: W' ← W + Σ scale·BᵀA, summed in f32 and rounded, or quantised, once.
 *
 * <p>Up to a rank of {@link #FUSED_RANK} in all, which is what compositions have, a kernel of our own reads W once and
 * writes W' once: that is bound by memory, where cuBLAS would need a copy in f32, which it reads and writes again, and
 * something that rounds it. From there on multiplications take longer than memory, and cuBLAS's product, part by part,
 * pays.
 */
final class CudaMerge {
    static final int FUSED_RANK = 64;

    private static final String PRODUCTS = "products";
    private static final String QUANTISE = "quantise";
    private static final int TILE_ROWS = 64;
    private static final int TILE_COLUMNS = 128;

    /** Tables are reserved for ranks rounded up to this, so that addresses of what follows rarely move. */
    private static final int RANKS = 16;

    /** Elements in f32 that are made at once before they are rounded: as many as stay in a GPU's cache. */
    private static final long PART = 1L << 22;

    private final Core core;

    CudaMerge(Core core) {
        this.core = core;
    }

    /** Where the rows of A and of B begin in the slab, and their factors: addresses of tables on the device. */
    private record Ranks(int count, long a, long b, long scales) {}

    /** Queues to ← base + Σ scale·BᵀA. */
    void merge(CudaWeight to, CudaWeight base, Tensor slab, List<LoraSpan.Part> parts) {
        Ranks ranks = ranks(base, parts);
        boolean fused = ranks.count <= FUSED_RANK;
        if (fused && base.dtype() != DType.I8) {
            fused(to, base, slab, ranks);
            return;
        }
        int atOnce = base.dtype() == DType.F32 ? 0 : (int) Math.clamp(PART / base.in(), 1, base.out());
        long packedBytes = fused ? 0 : aligned(4L * ranks.count * (base.in() + base.out()));
        long scratch = core.pool().take(packedBytes + 4L * atOnce * base.in());
        try {
            if (!fused) {
                pack(scratch, base, slab, ranks);
            }
            if (base.dtype() == DType.F32) {
                core.queue().copy(to.rows(), base.rows(), 4L * base.out() * base.in());
                multiply(to.rows(), 0, base.out(), base, scratch, ranks.count);
            } else {
                parts(to, base, slab, ranks, fused ? 0 : scratch, scratch + packedBytes, atOnce);
            }
        } finally {
            // What is queued goes on using it; whoever takes it next queues behind.
            core.pool().giveBack(scratch);
        }
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, MemoryPool.ALIGNMENT) * MemoryPool.ALIGNMENT;
    }

    private Ranks ranks(CudaWeight base, List<LoraSpan.Part> parts) {
        int count = parts.stream().mapToInt(LoraSpan.Part::rank).sum();
        int reserved = Math.max(RANKS, Math.ceilDiv(count, RANKS) * RANKS);
        Metadata.Table table = core.queue().metadata().reserve(20L * reserved);
        int index = 0;
        for (LoraSpan.Part part : parts) {
            for (int r = 0; r < part.rank(); r++, index++) {
                table.at(8L * index).add(part.a() + (long) r * base.in());
                table.at(8L * (reserved + index)).add(part.b() + (long) r * base.out());
                table.at(16L * reserved + 4L * index).add(part.scale());
            }
        }
        long address = table.address();
        return new Ranks(count, address, address + 8L * reserved, address + 16L * reserved);
    }

    private void fused(CudaWeight to, CudaWeight base, Tensor slab, Ranks ranks) {
        tiles(base.dtype() == DType.F32 ? "merge_f32" : "merge_bf16", base.out(), base.in())
                .pointer(to.rows())
                .pointer(base.rows())
                .pointer(Core.at(slab))
                .pointer(ranks.a)
                .pointer(ranks.b)
                .pointer(ranks.scales)
                .integer(ranks.count)
                .integer(base.out())
                .integer(base.in())
                .go();
    }

    private Launch tiles(String kernel, int rows, int columns) {
        return core.launch(PRODUCTS, kernel)
                .grid(Math.ceilDiv(columns, TILE_COLUMNS), Math.ceilDiv(rows, TILE_ROWS))
                .block(256);
    }

    /**
     * Part by part in f32, each rounded or quantised into its place.
     *
     * @param packed all A and B one behind the other, or 0 where the kernel reads them where they lie
     * @param sums room for so many rows of F32
     */
    private void parts(CudaWeight to, CudaWeight base, Tensor slab, Ranks ranks, long packed, long sums, int atOnce) {
        int in = base.in();
        for (int row = 0; row < base.out(); row += atOnce) {
            int rows = Math.min(atOnce, base.out() - row);
            if (packed == 0) {
                tiles("merge_int8", rows, in)
                        .pointer(sums)
                        .pointer(base.row(row))
                        .pointer(base.scales(row))
                        .pointer(Core.at(slab))
                        .pointer(ranks.a)
                        .pointer(ranks.b)
                        .pointer(ranks.scales)
                        .integer(ranks.count)
                        .integer(row)
                        .integer(rows)
                        .integer(in)
                        .integer(base.paddedIn())
                        .go();
            } else {
                widen(sums, base, row, rows);
                multiply(sums, row, rows, base, packed, ranks.count);
            }
            narrow(to, row, rows, sums);
        }
    }

    private void widen(long sums, CudaWeight base, int row, int rows) {
        if (base.dtype() == DType.I8) {
            core.columns(QUANTISE, "dequantise", rows, base.in())
                    .pointer(sums)
                    .pointer(base.row(row))
                    .pointer(base.scales(row))
                    .integer(base.in())
                    .integer(base.paddedIn())
                    .go();
        } else {
            long n = (long) rows * base.in();
            core.elements(QUANTISE, "bf16_to_f32", n)
                    .pointer(sums)
                    .pointer(base.row(row))
                    .longInteger(n)
                    .go();
        }
    }

    private void narrow(CudaWeight to, int row, int rows, long sums) {
        if (to.dtype() == DType.I8) {
            Int8Products.quantise(core, to, row, rows, sums, "quantise_f32");
        } else {
            long n = (long) rows * to.in();
            core.elements("rows", "to_bf16", n)
                    .pointer(to.row(row))
                    .pointer(sums)
                    .longInteger(n)
                    .go();
        }
    }

    /** All A, and behind them all B times their factors, one behind the other. */
    private void pack(long to, CudaWeight base, Tensor slab, Ranks ranks) {
        pack(to, slab, ranks.a, 0, ranks.count, base.in());
        pack(to + 4L * ranks.count * base.in(), slab, ranks.b, ranks.scales, ranks.count, base.out());
    }

    private void pack(long to, Tensor slab, long rows, long scales, int count, int columns) {
        core.columns(PRODUCTS, "pack_rows", count, columns)
                .pointer(to)
                .pointer(Core.at(slab))
                .pointer(rows)
                .pointer(scales)
                .integer(columns)
                .go();
    }

    /** sums [rows, in] += BᵀA of rows from one on. */
    private void multiply(long sums, int row, int rows, CudaWeight base, long packed, int rank) {
        int in = base.in();
        long b = packed + 4L * rank * in + 4L * row;
        core.queue()
                .product(new Product(
                        false,
                        true,
                        in,
                        rows,
                        rank,
                        1,
                        packed,
                        Product.F32,
                        in,
                        0,
                        b,
                        Product.F32,
                        base.out(),
                        0,
                        1,
                        sums,
                        Product.F32,
                        in,
                        0,
                        Product.COMPUTE_F32,
                        1));
    }
}

package dev.prag.tensor.cuda;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.List;
import java.util.Set;

/** Attention and its cache; see src/main/cuda/attention.cu, attention_tiles.cu and attention_wmma.cu. */
final class CudaAttention {
    private static final String FAMILY = "attention";
    private static final String TILES = "attention_tiles";
    private static final String WMMA = "attention_wmma";

    /** Dimensions of heads for which there are kernels on tensor cores. */
    private static final Set<Integer> WMMA_DIMS = Set.of(64, 80, 96, 128);

    /** Threads of a block, but where rows are copied. */
    private static final int THREADS = 128;

    /** As in attention.cu: positions that a part of a context has at least, and parts of one at most. */
    private static final int PART = 128;

    private static final int MOST_PARTS = 32;

    /** As in attention_tiles.cu: numbers that are kept of each row and head. */
    private static final int STATS = 3;

    private static final int MOST_DIM = 1024;
    private static final int VECTOR_BYTES = 16;

    private final Core core;
    private final Room room;
    private SpanTables tables;

    CudaAttention(Core core) {
        this.core = core;
        this.room = new Room(core.pool());
    }

    private SpanTables tables(Tensor rows, List<Span> spans) {
        if (tables == null || !tables.serve(rows.rows(), spans)) {
            tables = new SpanTables(core.queue().metadata(), rows.rows(), spans);
        }
        return tables;
    }

    void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        if (k.size() == 0) {
            return;
        }
        long places = tables(k, spans).places(cache.blockSize());
        core.launch(FAMILY, "cache_write" + suffix(cache))
                .grid(k.rows())
                .block(Core.THREADS)
                .pointer(core.out(cache.keys()))
                .pointer(core.out(cache.values()))
                .pointer(Core.at(k))
                .pointer(Core.at(v))
                .pointer(places)
                .integer(k.cols())
                .go();
    }

    void forward(Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        check(shape);
        SpanTables of = tables(q, spans);
        long result = core.out(out);
        long rounded = of.coverAll() ? core.rounded().beside(out) : 0;
        if (!of.few().isEmpty()) {
            decode(result, rounded, q, k, v, shape, cache, of);
        }
        if (!of.many().isEmpty()) {
            prompt(result, rounded, q, k, v, shape, cache, of);
        }
    }

    private void prompt(
            long out, long rounded, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, SpanTables of) {
        SpanTables.Pieces pieces = of.many();
        int dim = shape.headDim();
        if (rounds(shape, cache) && vectors(dim, q, k, v, cache)) {
            Launch launch = core.launch(WMMA, "attention_wmma" + dim)
                    .grid(pieces.count(), shape.heads())
                    .block(THREADS)
                    .pointer(out)
                    .pointer(rounded)
                    .pointer(Core.at(q));
            source(launch, k, v, cache);
            heads(table(launch, pieces, of, cache), shape).go();
        } else {
            Launch launch = core.launch(TILES, "attention_prompt" + slices(shape) + suffix(cache));
            tiles(launch, pieces, shape.heads(), shape)
                    .pointer(out)
                    .pointer(rounded)
                    .pointer(Core.at(q));
            source(launch, k, v, cache);
            spans(launch, pieces, of, cache, shape).go();
        }
    }

    private void decode(
            long out, long rounded, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, SpanTables of) {
        SpanTables.Pieces rows = of.few();
        int dim = shape.headDim();
        int parts = Math.min(MOST_PARTS, Math.ceilDiv(rows.context(), PART));
        long partials = (long) rows.count() * shape.heads() * parts;
        long sums = room.atLeast(4 * partials * (dim + 2));
        long stats = sums + 4 * partials * dim;

        int group = shape.heads() / shape.kvHeads();
        boolean vectors = vectors(dim, q, k, v, cache);
        int heads = !vectors ? 4 : group == 1 ? 1 : group <= 4 ? 4 : 8;
        Launch launch = core.launch(FAMILY, "attention_decode" + (vectors ? heads : "_any") + suffix(cache))
                .grid(parts, shape.kvHeads() * Math.ceilDiv(group, heads), rows.count())
                .block(THREADS)
                .shared(decodeShared(heads, dim))
                .pointer(sums)
                .pointer(stats)
                .pointer(Core.at(q));
        source(launch, k, v, cache);
        spans(launch, rows, of, cache, shape).go();

        core.launch(FAMILY, "attention_combine")
                .grid(rows.count(), shape.heads())
                .block(THREADS)
                .pointer(out)
                .pointer(rounded)
                .pointer(sums)
                .pointer(stats)
                .pointer(rows.address())
                .integer(shape.heads())
                .integer(dim)
                .integer(parts)
                .go();
    }

    /** Queries and weights, later the sums of each group of threads that reads rows of values. */
    private static int decodeShared(int heads, int dim) {
        int padded = Math.ceilDiv(dim, 8) * 8;
        int seats = THREADS / (padded / 8);
        return 4 * heads * Math.max(padded + PART, seats * padded);
    }

    void backward(
            Tensor dq,
            Tensor dk,
            Tensor dv,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans) {
        check(shape);
        SpanTables of = tables(q, spans);
        SpanTables.Pieces pieces = of.all();
        if (pieces.isEmpty()) {
            return;
        }
        // Of each row and head: its largest score, 1 / its sum of weights, and that of weights times their gradients.
        long stats = room.atLeast(4L * STATS * q.rows() * shape.heads());
        int dim = shape.headDim();
        if (rounds(shape, cache) && vectors(dim, q, k, v, cache) && Core.at(dout) % VECTOR_BYTES == 0) {
            Launch queries = core.launch(WMMA, "attention_wmma_queries" + dim)
                    .grid(pieces.count(), shape.heads())
                    .block(THREADS)
                    .pointer(core.out(dq))
                    .pointer(stats);
            source(queries.pointer(Core.at(dout)).pointer(Core.at(q)), k, v, cache);
            heads(table(queries, pieces, of, cache), shape).go();
            for (boolean keys : new boolean[] {true, false}) {
                Launch own = core.launch(WMMA, (keys ? "attention_wmma_keys" : "attention_wmma_values") + dim)
                        .grid(pieces.count(), shape.kvHeads())
                        .block(THREADS)
                        .pointer(core.out(keys ? dk : dv));
                heads(own(own, stats, dout, q, k, v, pieces), shape).go();
            }
        } else {
            Launch queries = core.launch(TILES, "attention_backward_queries" + slices(shape) + suffix(cache));
            tiles(queries, pieces, shape.heads(), shape).pointer(core.out(dq)).pointer(stats);
            source(queries.pointer(Core.at(dout)).pointer(Core.at(q)), k, v, cache);
            spans(queries, pieces, of, cache, shape).go();
            Launch own = core.launch(TILES, "attention_backward_keys" + slices(shape));
            tiles(own, pieces, shape.kvHeads(), shape).pointer(core.out(dk)).pointer(core.out(dv));
            shape(own(own, stats, dout, q, k, v, pieces), shape).go();
        }
    }

    /** What the gradients of a batch's own keys and values are computed from. */
    private static Launch own(
            Launch launch, long stats, Tensor dout, Tensor q, Tensor k, Tensor v, SpanTables.Pieces pieces) {
        return launch.pointer(stats)
                .pointer(Core.at(dout))
                .pointer(Core.at(q))
                .pointer(Core.at(k))
                .pointer(Core.at(v))
                .pointer(pieces.address());
    }

    void weights(Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        if (span.rows() == 0) {
            return;
        }
        SpanTables of = tables(q, List.of(span));
        Launch launch = core.launch(FAMILY, "attention_weights" + suffix(cache))
                .grid(span.rows(), shape.heads())
                .block(Core.THREADS)
                .pointer(core.out(out))
                .pointer(Core.at(q))
                .pointer(Core.at(k))
                .pointer(keys(cache));
        spans(launch, of.all(), of, cache, shape).integer(out.cols()).go();
    }

    // ---- what launches share ----

    private static void check(AttentionShape shape) {
        if (shape.headDim() > MOST_DIM) {
            throw new IllegalArgumentException(
                    "attention: heads have " + shape.headDim() + " dimensions, and may have " + MOST_DIM + " on a GPU");
        }
    }

    /** Whether there are kernels with tensor cores, whose inputs are rounded. */
    private static boolean rounds(AttentionShape shape, KvLayer cache) {
        return shape.compute() == DType.BF16
                && (cache == null || cache.keys().dtype() == DType.BF16)
                && WMMA_DIMS.contains(shape.headDim());
    }

    /** Whether rows of heads can be read 16 bytes at a time. */
    private static boolean vectors(int dim, Tensor q, Tensor k, Tensor v, KvLayer cache) {
        long addresses = Core.at(q) | Core.at(k) | Core.at(v) | keys(cache) | values(cache);
        return dim % 8 == 0 && addresses % VECTOR_BYTES == 0;
    }

    private static String suffix(KvLayer cache) {
        return cache != null && cache.keys().dtype() == DType.BF16 ? "_bf16" : "_f32";
    }

    /** Columns of a head that a block of the tiled kernels has. */
    private static int slices(AttentionShape shape) {
        return shape.headDim() <= SpanTables.TILE_ROWS ? 64 : 128;
    }

    private static Launch tiles(Launch launch, SpanTables.Pieces pieces, int heads, AttentionShape shape) {
        return launch.grid(pieces.count(), heads, Math.ceilDiv(shape.headDim(), slices(shape)))
                .block(THREADS);
    }

    private static void source(Launch launch, Tensor k, Tensor v, KvLayer cache) {
        launch.pointer(Core.at(k)).pointer(Core.at(v)).pointer(keys(cache)).pointer(values(cache));
    }

    private static Launch spans(
            Launch launch, SpanTables.Pieces pieces, SpanTables of, KvLayer cache, AttentionShape shape) {
        return shape(table(launch, pieces, of, cache), shape);
    }

    private static Launch table(Launch launch, SpanTables.Pieces pieces, SpanTables of, KvLayer cache) {
        return launch.pointer(pieces.address()).pointer(of.blocks()).integer(cache == null ? 1 : cache.blockSize());
    }

    private static Launch shape(Launch launch, AttentionShape shape) {
        return launch.integer(shape.heads())
                .integer(shape.kvHeads())
                .integer(shape.headDim())
                .number(scale(shape));
    }

    private static Launch heads(Launch launch, AttentionShape shape) {
        return launch.integer(shape.heads()).integer(shape.kvHeads()).number(scale(shape));
    }

    private static float scale(AttentionShape shape) {
        return (float) (1 / Math.sqrt(shape.headDim()));
    }

    private static long keys(KvLayer cache) {
        return cache == null ? 0 : Core.at(cache.keys());
    }

    private static long values(KvLayer cache) {
        return cache == null ? 0 : Core.at(cache.values());
    }
}

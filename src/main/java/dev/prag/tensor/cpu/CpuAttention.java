package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Tiles.ROWS;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Attention. A task is one key/value head of one span (and, in the forward pass, some of its rows), so that the keys and
 * values of a head are brought into form once for all query heads that share it. A span of few rows, as in decoding,
 * takes some heads at a time and reads keys and values where they lie ({@link InPlace}); a longer one brings them into
 * form and works in tiles of rows ({@link Tiles}). Scores of a row are kept whole: the softmax is the plain one, in two
 * passes.
 */
final class CpuAttention {
    /** Multiplications below which one thread does all. */
    private static final long WORTHWHILE = 60_000;

    /** Forward tasks that a thread gets at least, where there are rows enough. */
    private static final int TASKS_OF_THREAD = 8;

    /** Rows of a forward task at least: each one brings keys and values into form. */
    private static final int LEAST_TASK_ROWS = 64;

    private static final float LOG2_E = 1.44269504f;

    /** Up to so many rows of a span, keys are read where they lie. */
    private static final int FEW_ROWS = 3;

    private final Pool pool;
    private final HeadRows[] workspaces;

    CpuAttention(Pool pool) {
        this.pool = pool;
        workspaces = new HeadRows[pool.threads()];
        Arrays.setAll(workspaces, i -> new HeadRows());
    }

    /** See {@link dev.prag.tensor.Device#attention}. */
    void forward(Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        List<Task> tasks = new ArrayList<>();
        int taskRows = taskRows(shape, spans);
        int taskHeads = taskHeads(shape, spans);
        for (Span span : spans) {
            boolean streamed = streamed(shape, span);
            int heads = streamed ? taskHeads : 1;
            int rows = streamed ? FEW_ROWS : taskRows;
            for (int row = 0; row < span.rows(); row += rows) {
                int lastRow = Math.min(span.rows(), row + rows);
                for (int head = 0; head < shape.kvHeads(); head += heads) {
                    tasks.add(new Task(span, row, lastRow, head, Math.min(shape.kvHeads(), head + heads), streamed));
                }
            }
        }
        pool.tasks(tasks.size(), work(shape, spans) >= WORTHWHILE, (index, slot) -> {
            Task task = tasks.get(index);
            Span span = task.span();
            HeadRows rows = workspaces[slot];
            rows.locate(k, v, cache, span, task.head(), shape.headDim(), span.position() + task.lastRow());
            if (task.streamed()) {
                stream(out, q, shape, span, task.head(), task.lastHead(), rows);
            } else {
                tiles(out, q, shape, span, task.head(), task.row(), task.lastRow(), rows);
            }
        });
    }

    /** Rows [row, lastRow) of a span for the key/value heads [head, lastHead). */
    private record Task(Span span, int row, int lastRow, int head, int lastHead, boolean streamed) {}

    /** Whether keys and values of a span are read where they lie; depends on the span alone. */
    private static boolean streamed(AttentionShape shape, Span span) {
        return span.rows() <= FEW_ROWS && shape.headDim() % Tiles.WIDTH == 0;
    }

    /** Heads of a task that reads memory where it lies: as many as leave each thread a task, for long reads. */
    private int taskHeads(AttentionShape shape, List<Span> spans) {
        long heads = spans.stream().filter(span -> streamed(shape, span)).count() * shape.kvHeads();
        return (int) Math.clamp(heads / pool.threads(), 1, shape.kvHeads());
    }

    /** Rows of a forward task: all rows of a span where that gives each thread some tasks. */
    private int taskRows(AttentionShape shape, List<Span> spans) {
        int rows = 0;
        for (Span span : spans) {
            rows += span.rows();
        }
        int parts = Math.ceilDiv(TASKS_OF_THREAD * pool.threads(), shape.kvHeads());
        return Math.max(LEAST_TASK_ROWS, Math.ceilDiv(rows, parts));
    }

    private static long work(AttentionShape shape, List<Span> spans) {
        long work = 0;
        for (Span span : spans) {
            work += (long) span.rows() * (span.position() + span.rows()) * shape.queryCols();
        }
        return work;
    }

    private static float scale(AttentionShape shape) {
        return (float) (1 / Math.sqrt(shape.headDim()));
    }

    /**
     * One row of the span at a time, for the key/value heads [from, to): all heads of some positions, then those of the
     * next ones, so that memory is read along its rows.
     */
    private static void stream(Tensor out, Tensor q, AttentionShape shape, Span span, int from, int to, HeadRows rows) {
        int dim = shape.headDim();
        int group = shape.heads() / shape.kvHeads();
        // Query heads that share a key/value head, in fours; what the last four lack stays zero.
        int padded = Math.ceilDiv(group, InPlace.ROWS) * InPlace.ROWS;
        int heads = (to - from) * padded;
        int width = Tiles.padded(span.position() + span.rows());
        rows.scores = HeadRows.atLeast(rows.scores, heads * width);
        rows.queries = HeadRows.atLeast(rows.queries, heads * dim);
        rows.results = HeadRows.atLeast(rows.results, heads * dim);
        rows.factors = HeadRows.atLeast(rows.factors, heads);
        rows.partialSums = HeadRows.atLeast(rows.partialSums, InPlace.PARTIAL_SUMS);
        Arrays.fill(rows.queries, 0, heads * dim, 0f);
        for (int i = 0; i < span.rows(); i++) {
            int n = span.position() + i + 1;
            for (int head = 0; head < to - from; head++) {
                long query = element(q, span.row() + i, (from + head) * group * dim);
                HeadRows.copyIn(rows.queries, head * padded * dim, query, group * dim, scale(shape) * LOG2_E);
            }
            for (int p = 0; p < n; p += LANES) {
                rows.touched = InPlace.touch(rows.keys, p, Math.min(n, p + LANES), (to - from) * dim);
                for (int h = 0; h < heads; h += InPlace.ROWS) {
                    long offset = 4L * (h / padded) * dim;
                    InPlace.scores(
                            rows.scores,
                            h * width,
                            width,
                            rows.queries,
                            h * dim,
                            rows.keys,
                            offset,
                            p,
                            n,
                            dim,
                            rows.partialSums);
                }
            }
            for (int h = 0; h < heads; h++) {
                if (h % padded < group) {
                    rows.factors[h] = 1 / Tiles.exponentials(rows.scores, h * width, n, Tiles.vectors(n));
                }
            }
            Arrays.fill(rows.results, 0, heads * dim, 0f);
            for (int p = 0; p < n; p += LANES) {
                int end = Math.min(n, p + LANES);
                rows.touched = InPlace.touch(rows.values, p, end, (to - from) * dim);
                for (int h = 0; h < heads; h += InPlace.ROWS) {
                    long offset = 4L * (h / padded) * dim;
                    InPlace.weighted(
                            rows.results, h * dim, rows.scores, h * width, width, rows.values, offset, p, end, dim);
                }
            }
            for (int h = 0; h < heads; h++) {
                int head = (from + h / padded) * group + h % padded;
                if (h % padded < group) {
                    long result = element(out, span.row() + i, head * dim);
                    HeadRows.copyOut(result, rows.results, h * dim, dim, rows.factors[h]);
                }
            }
        }
    }

    /** Rows [from, to) of the span, a tile at a time. */
    private static void tiles(
            Tensor out, Tensor q, AttentionShape shape, Span span, int kvHead, int from, int to, HeadRows rows) {
        int dim = shape.headDim();
        int stride = Tiles.vectors(dim);
        int group = shape.heads() / shape.kvHeads();
        int n = span.position() + to;
        int width = Tiles.padded(n);
        rows.valueRows = HeadRows.atLeast(rows.valueRows, n * stride);
        HeadRows.gather(rows.valueRows, rows.values, n, dim, stride);
        rows.keyPanels = HeadRows.atLeast(rows.keyPanels, width * dim);
        rows.gatherPanels(rows.keyPanels, rows.keys, n, dim);
        rows.scores = HeadRows.atLeast(rows.scores, ROWS * width);
        rows.results = HeadRows.atLeast(rows.results, ROWS * stride);
        for (int i = from; i < to; i += ROWS) {
            int count = Math.min(ROWS, to - i);
            int reach = span.position() + i + count;
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                queries(rows, q, shape, span.row() + i, count, head);
                Tiles.scores(rows.scores, width, rows.queries, stride, rows.keyPanels, reach, dim);
                for (int r = 0; r < count; r++) {
                    int visible = span.position() + i + r + 1;
                    rows.factors[r] = 1 / Tiles.exponentials(rows.scores, r * width, visible, Tiles.vectors(reach));
                }
                Tiles.weighted(rows.results, rows.scores, width, rows.valueRows, reach, stride);
                for (int r = 0; r < count; r++) {
                    long result = element(out, span.row() + i + r, head * dim);
                    HeadRows.copyOut(result, rows.results, r * stride, dim, rows.factors[r]);
                }
            }
        }
    }

    /**
     * A tile of queries, scaled so that 2 to the power of a score is what the softmax sums. Rows from {@code count} on
     * are left over from before and their results are not used.
     */
    private static void queries(HeadRows rows, Tensor q, AttentionShape shape, int row, int count, int head) {
        int dim = shape.headDim();
        int stride = Tiles.vectors(dim);
        rows.queries = HeadRows.atLeast(rows.queries, ROWS * stride);
        for (int r = 0; r < count; r++) {
            long from = element(q, row + r, head * dim);
            HeadRows.copyIn(rows.queries, r * stride, from, dim, scale(shape) * LOG2_E);
        }
    }

    private static long element(Tensor tensor, int row, int column) {
        return CpuDevice.at(tensor) + 4L * ((long) row * tensor.cols() + column);
    }

    /** See {@link dev.prag.tensor.Device#attentionBackward}. */
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
        int tasks = spans.size() * shape.kvHeads();
        pool.tasks(tasks, work(shape, spans) >= WORTHWHILE, (task, slot) -> {
            Span span = spans.get(task / shape.kvHeads());
            int head = task % shape.kvHeads();
            HeadRows rows = workspaces[slot];
            rows.locate(k, v, cache, span, head, shape.headDim(), span.position() + span.rows());
            tilesBackward(dq, dout, q, shape, span, head, rows);
            int dim = shape.headDim();
            int stride = Tiles.vectors(dim);
            for (int i = 0; i < span.rows(); i++) {
                int at = (span.position() + i) * stride;
                HeadRows.copyOut(element(dk, span.row() + i, head * dim), rows.keyGradients, at, dim, 1 / LOG2_E);
                HeadRows.copyOut(element(dv, span.row() + i, head * dim), rows.valueGradients, at, dim, 1);
            }
        });
    }

    /**
     * Scores are computed again; then, with P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = P ⊙ (dP - rowsum(P ⊙ dP)),
     * dQ = scale·dS K, dK = scale·dSᵀ Q. P stays without its factor 1/sum: the rows of dO take it instead; and the
     * queries have scale·log2(e) in them, so that sums of keys' gradients are too large by log2(e).
     */
    private static void tilesBackward(
            Tensor dq, Tensor dout, Tensor q, AttentionShape shape, Span span, int kvHead, HeadRows rows) {
        int dim = shape.headDim();
        int stride = Tiles.vectors(dim);
        int group = shape.heads() / shape.kvHeads();
        int n = span.position() + span.rows();
        int width = Tiles.padded(n);
        rows.keyRows = HeadRows.atLeast(rows.keyRows, n * stride);
        HeadRows.gather(rows.keyRows, rows.keys, n, dim, stride);
        rows.keyPanels = HeadRows.atLeast(rows.keyPanels, width * dim);
        rows.gatherPanels(rows.keyPanels, rows.keys, n, dim);
        rows.valuePanels = HeadRows.atLeast(rows.valuePanels, width * dim);
        rows.gatherPanels(rows.valuePanels, rows.values, n, dim);
        rows.keyGradients = HeadRows.atLeast(rows.keyGradients, n * stride);
        rows.valueGradients = HeadRows.atLeast(rows.valueGradients, n * stride);
        Arrays.fill(rows.keyGradients, 0, n * stride, 0f);
        Arrays.fill(rows.valueGradients, 0, n * stride, 0f);
        rows.scores = HeadRows.atLeast(rows.scores, ROWS * width);
        rows.scoreGradients = HeadRows.atLeast(rows.scoreGradients, ROWS * width);
        rows.results = HeadRows.atLeast(rows.results, ROWS * stride);
        rows.resultGradients = HeadRows.atLeast(rows.resultGradients, ROWS * stride);
        for (int i = 0; i < span.rows(); i += ROWS) {
            int count = Math.min(ROWS, span.rows() - i);
            int reach = span.position() + i + count;
            int end = Tiles.vectors(reach);
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                queries(rows, q, shape, span.row() + i, count, head);
                Tiles.scores(rows.scores, width, rows.queries, stride, rows.keyPanels, reach, dim);
                for (int r = 0; r < count; r++) {
                    int visible = span.position() + i + r + 1;
                    rows.factors[r] = 1 / Tiles.exponentials(rows.scores, r * width, visible, end);
                    long from = element(dout, span.row() + i + r, head * dim);
                    HeadRows.copyIn(rows.resultGradients, r * stride, from, dim, rows.factors[r]);
                }
                Tiles.scores(rows.scoreGradients, width, rows.resultGradients, stride, rows.valuePanels, reach, dim);
                for (int r = 0; r < count; r++) {
                    Tiles.softmaxBackward(rows.scoreGradients, rows.scores, r * width, end, rows.factors[r]);
                }
                for (int r = count; r < ROWS; r++) {
                    Arrays.fill(rows.scores, r * width, r * width + end, 0f);
                    Arrays.fill(rows.scoreGradients, r * width, r * width + end, 0f);
                    Arrays.fill(rows.queries, r * stride, (r + 1) * stride, 0f);
                    Arrays.fill(rows.resultGradients, r * stride, (r + 1) * stride, 0f);
                }
                Tiles.weighted(rows.results, rows.scoreGradients, width, rows.keyRows, reach, stride);
                for (int r = 0; r < count; r++) {
                    long to = element(dq, span.row() + i + r, head * dim);
                    HeadRows.copyOut(to, rows.results, r * stride, dim, scale(shape));
                }
                Tiles.outer(rows.keyGradients, rows.scoreGradients, width, rows.queries, reach, stride);
                Tiles.outer(rows.valueGradients, rows.scores, width, rows.resultGradients, reach, stride);
            }
        }
    }

    /** See {@link dev.prag.tensor.Device#attentionWeights}. */
    void weights(Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        int dim = shape.headDim();
        int group = shape.heads() / shape.kvHeads();
        int n = span.position() + span.rows();
        pool.tasks(shape.heads(), work(shape, List.of(span)) >= WORTHWHILE, (head, slot) -> {
            HeadRows rows = workspaces[slot];
            rows.locate(k, k, cache, span, head / group, dim, n);
            int width = Tiles.padded(n);
            rows.scores = HeadRows.atLeast(rows.scores, width);
            for (int i = 0; i < span.rows(); i++) {
                int visible = span.position() + i + 1;
                long query = element(q, span.row() + i, head * dim);
                for (int p = 0; p < visible; p++) {
                    rows.scores[p] = scale(shape) * LOG2_E * Rows.dot(query, rows.keys[p], dim);
                }
                float sum = Tiles.exponentials(rows.scores, 0, visible, width);
                HeadRows.copyOut(element(out, head * span.rows() + i, 0), rows.scores, 0, n, 1 / sum);
            }
        });
    }
}

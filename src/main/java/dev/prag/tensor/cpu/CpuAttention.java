package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Tiles.ROWS;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Attention. A task is one key/value head of one span (and, in the forward pass, some of its rows), so that the keys and
 * values of a head are brought into form once for all query heads that share it. A span of few rows, as in decoding,
 * reads keys and values where they lie ({@link InPlace}); a longer one brings them into form and works in tiles of rows
 * ({@link Tiles}). Scores of a row are kept whole: the softmax is the plain one, in two passes.
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
        int taskRows = taskRows(shape, spans);
        int[] firstTask = new int[spans.size() + 1];
        for (int i = 0; i < spans.size(); i++) {
            firstTask[i + 1] = firstTask[i] + Math.ceilDiv(spans.get(i).rows(), taskRows) * shape.kvHeads();
        }
        pool.tasks(firstTask[spans.size()], work(shape, spans) >= WORTHWHILE, (task, slot) -> {
            int at = Arrays.binarySearch(firstTask, task);
            // Spans without rows have no task: of equal starts the last is meant.
            int index = at < 0 ? -at - 2 : at;
            while (firstTask[index + 1] == task) {
                index++;
            }
            Span span = spans.get(index);
            int within = task - firstTask[index];
            int head = within % shape.kvHeads();
            int from = within / shape.kvHeads() * taskRows;
            int to = Math.min(span.rows(), from + taskRows);
            HeadRows rows = workspaces[slot];
            rows.locate(k, v, cache, span, head, shape.headDim(), span.position() + to);
            if (span.rows() <= FEW_ROWS && shape.headDim() % Tiles.WIDTH == 0) {
                stream(out, q, shape, span, head, rows);
            } else {
                tiles(out, q, shape, span, head, from, to, rows);
            }
        });
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

    /** One row at a time, for up to four of the heads that share the keys. */
    private static void stream(Tensor out, Tensor q, AttentionShape shape, Span span, int kvHead, HeadRows rows) {
        int dim = shape.headDim();
        int group = shape.heads() / shape.kvHeads();
        int width = Tiles.padded(span.position() + span.rows());
        rows.scores = HeadRows.atLeast(rows.scores, InPlace.ROWS * width);
        rows.queries = HeadRows.atLeast(rows.queries, InPlace.ROWS * dim);
        rows.results = HeadRows.atLeast(rows.results, InPlace.ROWS * dim);
        rows.partialSums = HeadRows.atLeast(rows.partialSums, InPlace.PARTIAL_SUMS);
        for (int i = 0; i < span.rows(); i++) {
            int n = span.position() + i + 1;
            for (int from = 0; from < group; from += InPlace.ROWS) {
                int count = Math.min(InPlace.ROWS, group - from);
                int column = (kvHead * group + from) * dim;
                long query = element(q, span.row() + i, column);
                HeadRows.copyIn(rows.queries, 0, query, count * dim, scale(shape) * LOG2_E);
                InPlace.scores(rows.scores, width, rows.queries, dim, rows.keys, n, dim, rows.partialSums);
                for (int r = 0; r < count; r++) {
                    rows.factors[r] = 1 / Tiles.exponentials(rows.scores, r * width, n, Tiles.vectors(n));
                }
                InPlace.weighted(rows.results, dim, rows.scores, width, rows.values, n, dim);
                for (int r = 0; r < count; r++) {
                    long to = element(out, span.row() + i, column + r * dim);
                    HeadRows.copyOut(to, rows.results, r * dim, dim, rows.factors[r]);
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
        for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
            for (int i = from; i < to; i += ROWS) {
                int count = Math.min(ROWS, to - i);
                int reach = span.position() + i + count;
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
        for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
            for (int i = 0; i < span.rows(); i += ROWS) {
                int count = Math.min(ROWS, span.rows() - i);
                int reach = span.position() + i + count;
                int end = Tiles.vectors(reach);
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

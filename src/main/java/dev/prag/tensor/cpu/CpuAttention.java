package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Tiles.ROWS;
import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention. A task is one key/value head of one span (and, in the forward pass, some of its rows), so that the keys and
 * values of a head are brought into form once for all query heads that share it. A span of few rows, as in decoding,
 * streams over keys and values where they lie; a longer one works in tiles of four rows ({@link Tiles}). Scores of a row
 * are kept whole: the softmax is the plain one, in two passes.
 */
final class CpuAttention {
    /** Multiplications below which one thread does all. */
    private static final long WORTHWHILE = 60_000;

    /** Rows of a forward task. */
    private static final int TASK_ROWS = 128;

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
        int[] firstTask = new int[spans.size() + 1];
        for (int i = 0; i < spans.size(); i++) {
            firstTask[i + 1] = firstTask[i] + Math.ceilDiv(spans.get(i).rows(), TASK_ROWS) * shape.kvHeads();
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
            int from = within / shape.kvHeads() * TASK_ROWS;
            int to = Math.min(span.rows(), from + TASK_ROWS);
            HeadRows rows = workspaces[slot];
            rows.locate(k, v, cache, span, head, shape.headDim(), span.position() + to);
            if (span.rows() <= FEW_ROWS) {
                stream(out, q, shape, span, head, rows);
            } else {
                tiles(out, q, shape, span, head, from, to, rows);
            }
        });
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

    /** Few rows: for each key, the scores of all heads that share it; then the same over values. */
    private static void stream(Tensor out, Tensor q, AttentionShape shape, Span span, int kvHead, HeadRows rows) {
        int dim = shape.headDim();
        int group = shape.heads() / shape.kvHeads();
        int longest = span.position() + span.rows();
        int stride = Tiles.padded(longest);
        rows.scores = HeadRows.atLeast(rows.scores, group * stride);
        float[] s = rows.scores;
        for (int i = 0; i < span.rows(); i++) {
            int n = span.position() + i + 1;
            long first = 4L * ((long) (span.row() + i) * shape.queryCols() + (long) kvHead * group * dim);
            long queries = CpuDevice.at(q) + first;
            long results = CpuDevice.at(out) + first;
            for (int p = 0; p < n; p++) {
                long key = rows.keys[p];
                for (int g = 0; g < group; g++) {
                    s[g * stride + p] = Rows.dot(queries + 4L * g * dim, key, dim);
                }
            }
            for (int g = 0; g < group; g++) {
                float sum = Tiles.exponentials(s, g * stride, n, stride, scale(shape));
                weightedSum(results + 4L * g * dim, s, g * stride, rows.values, n, dim, 1 / sum);
            }
        }
    }

    /** out ← factor · Σ over p < n of s[p] · (the row at values[p]). */
    private static void weightedSum(long out, float[] s, int at, long[] values, int n, int dim, float factor) {
        int c = 0;
        for (; c <= dim - 4 * LANES; c += 4 * LANES) {
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            for (int p = 0; p < n; p++) {
                FloatVector x = FloatVector.broadcast(F, s[at + p]);
                long row = values[p] + 4L * c;
                a0 = Vec.load(row).fma(x, a0);
                a1 = Vec.load(row + 4L * LANES).fma(x, a1);
                a2 = Vec.load(row + 8L * LANES).fma(x, a2);
                a3 = Vec.load(row + 12L * LANES).fma(x, a3);
            }
            Vec.store(a0.mul(factor), out + 4L * c);
            Vec.store(a1.mul(factor), out + 4L * (c + LANES));
            Vec.store(a2.mul(factor), out + 4L * (c + 2 * LANES));
            Vec.store(a3.mul(factor), out + 4L * (c + 3 * LANES));
        }
        for (; c < dim; c += LANES) {
            VectorMask<Float> mask = F.indexInRange(c, dim);
            FloatVector a = FloatVector.zero(F);
            for (int p = 0; p < n; p++) {
                a = Vec.load(values[p] + 4L * c, mask).fma(FloatVector.broadcast(F, s[at + p]), a);
            }
            Vec.store(a.mul(factor), out + 4L * c, mask);
        }
    }

    /** Rows [from, to) of the span, four at a time. */
    private static void tiles(
            Tensor out, Tensor q, AttentionShape shape, Span span, int kvHead, int from, int to, HeadRows rows) {
        int dim = shape.headDim();
        int stride = Tiles.padded(dim);
        int group = shape.heads() / shape.kvHeads();
        int n = span.position() + to;
        int width = Tiles.padded(n);
        rows.valueRows = HeadRows.atLeast(rows.valueRows, n * stride);
        HeadRows.gather(rows.valueRows, rows.values, n, dim, stride);
        keys(rows, n, dim, stride);
        rows.scores = HeadRows.atLeast(rows.scores, ROWS * width);
        rows.results = HeadRows.atLeast(rows.results, ROWS * stride);
        for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
            for (int i = from; i < to; i += ROWS) {
                int count = Math.min(ROWS, to - i);
                int reach = span.position() + i + count;
                queries(rows, q, span.row() + i, count, head, dim, stride);
                Tiles.scores(rows.scores, width, rows.queries, stride, rows.keyPanels, reach, dim);
                for (int r = 0; r < count; r++) {
                    int visible = span.position() + i + r + 1;
                    int end = Tiles.padded(reach);
                    float sum = Tiles.exponentials(rows.scores, r * width, visible, end, scale(shape));
                    Tiles.scale(rows.scores, r * width, end, 1 / sum);
                }
                Tiles.weighted(rows.results, rows.scores, width, rows.valueRows, reach, stride);
                for (int r = 0; r < count; r++) {
                    HeadRows.copyOut(element(out, span.row() + i + r, head * dim), rows.results, r * stride, dim);
                }
            }
        }
    }

    /** Keys as rows and as panels. */
    private static void keys(HeadRows rows, int n, int dim, int stride) {
        rows.keyRows = HeadRows.atLeast(rows.keyRows, n * stride);
        rows.keyPanels = HeadRows.atLeast(rows.keyPanels, Tiles.padded(n) * dim);
        HeadRows.gather(rows.keyRows, rows.keys, n, dim, stride);
        Tiles.panels(rows.keyPanels, rows.keyRows, n, dim, stride);
    }

    /** Four rows of queries; those after {@code count} are left over from before and their results are not used. */
    private static void queries(HeadRows rows, Tensor q, int row, int count, int head, int dim, int stride) {
        rows.queries = HeadRows.atLeast(rows.queries, ROWS * stride);
        for (int r = 0; r < count; r++) {
            HeadRows.copyIn(rows.queries, r * stride, element(q, row + r, head * dim), dim, stride);
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
            int stride = Tiles.padded(dim);
            for (int i = 0; i < span.rows(); i++) {
                int at = (span.position() + i) * stride;
                HeadRows.copyOut(element(dk, span.row() + i, head * dim), rows.keyGradients, at, dim);
                HeadRows.copyOut(element(dv, span.row() + i, head * dim), rows.valueGradients, at, dim);
            }
        });
    }

    /**
     * Scores are computed again; then, with P the probabilities: dV = Pᵀ dO, dP = dO Vᵀ, dS = P ⊙ (dP - rowsum(P ⊙ dP)),
     * dQ = dS K, dK = dSᵀ Q.
     */
    private static void tilesBackward(
            Tensor dq, Tensor dout, Tensor q, AttentionShape shape, Span span, int kvHead, HeadRows rows) {
        int dim = shape.headDim();
        int stride = Tiles.padded(dim);
        int group = shape.heads() / shape.kvHeads();
        int n = span.position() + span.rows();
        int width = Tiles.padded(n);
        keys(rows, n, dim, stride);
        rows.valueRows = HeadRows.atLeast(rows.valueRows, n * stride);
        rows.valuePanels = HeadRows.atLeast(rows.valuePanels, width * dim);
        HeadRows.gather(rows.valueRows, rows.values, n, dim, stride);
        Tiles.panels(rows.valuePanels, rows.valueRows, n, dim, stride);
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
                int end = Tiles.padded(reach);
                queries(rows, q, span.row() + i, count, head, dim, stride);
                for (int r = 0; r < count; r++) {
                    long from = element(dout, span.row() + i + r, head * dim);
                    HeadRows.copyIn(rows.resultGradients, r * stride, from, dim, stride);
                }
                Tiles.scores(rows.scores, width, rows.queries, stride, rows.keyPanels, reach, dim);
                Tiles.scores(rows.scoreGradients, width, rows.resultGradients, stride, rows.valuePanels, reach, dim);
                for (int r = 0; r < count; r++) {
                    int visible = span.position() + i + r + 1;
                    float sum = Tiles.exponentials(rows.scores, r * width, visible, end, scale(shape));
                    Tiles.scale(rows.scores, r * width, end, 1 / sum);
                    Tiles.softmaxBackward(rows.scoreGradients, rows.scores, r * width, end, scale(shape));
                }
                for (int r = count; r < ROWS; r++) {
                    Arrays.fill(rows.scores, r * width, r * width + end, 0f);
                    Arrays.fill(rows.scoreGradients, r * width, r * width + end, 0f);
                    Arrays.fill(rows.queries, r * stride, (r + 1) * stride, 0f);
                    Arrays.fill(rows.resultGradients, r * stride, (r + 1) * stride, 0f);
                }
                Tiles.weighted(rows.results, rows.scoreGradients, width, rows.keyRows, reach, stride);
                for (int r = 0; r < count; r++) {
                    HeadRows.copyOut(element(dq, span.row() + i + r, head * dim), rows.results, r * stride, dim);
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
                    rows.scores[p] = Rows.dot(query, rows.keys[p], dim);
                }
                float sum = Tiles.exponentials(rows.scores, 0, visible, width, scale(shape));
                Tiles.scale(rows.scores, 0, width, 1 / sum);
                HeadRows.copyOut(element(out, head * span.rows() + i, 0), rows.scores, 0, n);
            }
        });
    }
}

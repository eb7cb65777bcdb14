package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.F;
import static dev.prag.tensor.cpu.Vec.LANES;

import dev.prag.tensor.LoraSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Low-rank side branches. The ranks are small, so a row of x is multiplied with the few rows of A as dot products, and
 * the rows of Bᵀ are added with those factors in one pass over y. All spans are one job of the threads, so that the many
 * one-row spans of a decoding step cost one hand-over.
 *
 * <p>The backward pass reads x and dy once, a few rows at a time. The gradients of A and B are sums over rows: each task
 * sums over its own rows, and the tasks' sums are added in their order. How a span is cut into tasks depends on the span
 * alone, so the number of threads changes no bit.
 */
final class CpuLora {
    /** Multiplications below which one thread does all. */
    private static final long WORTHWHILE = 60_000;

    /** Rows of a task of the forward pass. */
    private static final int FORWARD_ROWS = 32;

    /** Rows of a task of the backward pass at least, and for each rank: each task needs room for sums of its own. */
    private static final int BACKWARD_ROWS = 128;

    private static final int BACKWARD_ROWS_OF_RANK = 64;

    /** Rows whose products with the factors are added to the sums at once. */
    private static final int BLOCK = 8;

    /** Columns that a thread takes at once where tasks' sums are added. */
    private static final int COLUMNS = 1024;

    private final Pool pool;
    private final float[][] hidden;
    private final float[][] back;
    private float[] sums = new float[0];

    CpuLora(Pool pool) {
        this.pool = pool;
        hidden = new float[pool.threads()][0];
        back = new float[pool.threads()][0];
    }

    /** Some rows of a span; {@code sums} is where those of the backward pass begin. */
    private record Task(Branch branch, int row, int rows, int sums) {}

    /** A span's matrices: addresses of the rows of A and of Bᵀ, and their scales. */
    private record Branch(long[] a, long[] b, float[] scales) {
        static Branch of(LoraSpan span, long slab, int in, int out) {
            long[] a = rowsOf(span, slab, in, true);
            return new Branch(a, rowsOf(span, slab, out, false), CpuLora.scales(span, a.length));
        }

        int ranks() {
            return scales.length;
        }
    }

    /** y += Σ scale·(x Aᵀ) B for the rows of the spans. */
    void forward(long y, int out, long x, int in, long slab, List<LoraSpan> spans) {
        List<Task> tasks = new ArrayList<>();
        long work = 0;
        for (LoraSpan span : spans) {
            Branch branch = Branch.of(span, slab, in, out);
            work += (long) span.rows() * branch.ranks() * (in + out);
            for (int i = 0; i < span.rows() && branch.ranks() > 0; i += FORWARD_ROWS) {
                tasks.add(new Task(branch, span.row() + i, Math.min(FORWARD_ROWS, span.rows() - i), 0));
            }
        }
        pool.tasks(tasks.size(), work >= WORTHWHILE, (index, slot) -> {
            Task task = tasks.get(index);
            Branch branch = task.branch();
            float[] h = atLeast(hidden, slot, branch.ranks());
            for (int row = task.row(); row < task.row() + task.rows(); row++) {
                project(h, 0, x + 4L * row * in, branch.a(), branch.scales(), in);
                addCombination(y + 4L * row * out, h, 0, branch.b(), out);
            }
        });
    }

    /** dx += Σ scale·(dy Bᵀ) A where dx is not 0; grads += the gradients of A and B. */
    void backward(long dx, long grads, int out, int in, long dy, long x, long slab, List<LoraSpan> spans) {
        List<Task> tasks = new ArrayList<>();
        long work = 0;
        int length = 0;
        for (LoraSpan span : spans) {
            Branch branch = Branch.of(span, slab, in, out);
            int ranks = branch.ranks();
            work += (long) span.rows() * ranks * (in + out);
            int rows = Math.max(BACKWARD_ROWS, BACKWARD_ROWS_OF_RANK * ranks);
            for (int i = 0; i < span.rows() && ranks > 0; i += rows) {
                tasks.add(new Task(branch, span.row() + i, Math.min(rows, span.rows() - i), length));
                length = Math.addExact(length, Math.multiplyExact(ranks, in + out));
            }
        }
        if (sums.length < length) {
            sums = new float[length];
        }
        pool.tasks(tasks.size(), work >= WORTHWHILE, (index, slot) -> {
            Task task = tasks.get(index);
            int ranks = task.branch().ranks();
            Arrays.fill(sums, task.sums(), task.sums() + ranks * (in + out), 0f);
            float[] h = atLeast(hidden, slot, BLOCK * ranks);
            float[] g = atLeast(back, slot, BLOCK * ranks);
            for (int i = 0; i < task.rows(); i += BLOCK) {
                int row = task.row() + i;
                int rows = Math.min(BLOCK, task.rows() - i);
                long firstX = x + 4L * row * in;
                long firstDy = dy + 4L * row * out;
                Branch branch = task.branch();
                for (int r = 0; r < rows; r++) {
                    project(h, r * ranks, firstX + 4L * r * in, branch.a(), branch.scales(), in);
                    project(g, r * ranks, firstDy + 4L * r * out, branch.b(), branch.scales(), out);
                    if (dx != 0) {
                        addCombination(dx + 4L * (row + r) * in, g, r * ranks, branch.a(), in);
                    }
                }
                addRows(sums, task.sums(), in, g, ranks, firstX, rows);
                addRows(sums, task.sums() + ranks * in, out, h, ranks, firstDy, rows);
            }
        });
        addSums(grads, in, out, slab, tasks);
    }

    private static float[] atLeast(float[][] arrays, int slot, int length) {
        if (arrays[slot].length < length) {
            arrays[slot] = new float[length];
        }
        return arrays[slot];
    }

    /** row += Σ factors[i]·parts[i], n elements: the update of one row of merged weights. */
    static void addCombination(long row, float[] factors, int first, long[] parts, int n) {
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            FloatVector s0 = Vec.load(row + 4L * i);
            FloatVector s1 = Vec.load(row + 4L * (i + LANES));
            for (int r = 0; r < parts.length; r++) {
                FloatVector factor = FloatVector.broadcast(F, factors[first + r]);
                s0 = Vec.load(parts[r] + 4L * i).fma(factor, s0);
                s1 = Vec.load(parts[r] + 4L * (i + LANES)).fma(factor, s1);
            }
            Vec.store(s0, row + 4L * i);
            Vec.store(s1, row + 4L * (i + LANES));
        }
        if (i <= n - LANES) {
            FloatVector s = Vec.load(row + 4L * i);
            for (int r = 0; r < parts.length; r++) {
                s = Vec.load(parts[r] + 4L * i).fma(FloatVector.broadcast(F, factors[first + r]), s);
            }
            Vec.store(s, row + 4L * i);
            i += LANES;
        }
        for (; i < n; i++) {
            float s = Vec.getFloat(row + 4L * i);
            for (int r = 0; r < parts.length; r++) {
                s = Math.fma(Vec.getFloat(parts[r] + 4L * i), factors[first + r], s);
            }
            Vec.setFloat(row + 4L * i, s);
        }
    }

    /** Addresses of all rows of A, or of Bᵀ, of a span's parts. */
    static long[] rowsOf(LoraSpan span, long slab, int n, boolean a) {
        int ranks = 0;
        for (LoraSpan.Part part : span.parts()) {
            ranks += part.rank();
        }
        long[] rows = new long[ranks];
        int at = 0;
        for (LoraSpan.Part part : span.parts()) {
            for (int r = 0; r < part.rank(); r++) {
                rows[at++] = slab + 4L * ((a ? part.a() : part.b()) + (long) r * n);
            }
        }
        return rows;
    }

    /** The scale of each row of {@link #rowsOf}. */
    static float[] scales(LoraSpan span, int ranks) {
        float[] scales = new float[ranks];
        int at = 0;
        for (LoraSpan.Part part : span.parts()) {
            for (int r = 0; r < part.rank(); r++) {
                scales[at++] = part.scale();
            }
        }
        return scales;
    }

    /** h[first + r] ← scales[r] · (x · rows[r]). */
    private static void project(float[] h, int first, long x, long[] rows, float[] scales, int n) {
        for (int r = 0; r < rows.length; r++) {
            h[first + r] = scales[r] * Rows.dot(x, rows[r], n);
        }
    }

    /** sums[at + r·n + c] += Σ over up to {@link #BLOCK} rows i of factors[i, r] · x[i, c], for n columns. */
    private static void addRows(float[] sums, int at, int n, float[] factors, int ranks, long x, int rows) {
        Arrays.fill(factors, rows * ranks, BLOCK * ranks, 0f);
        // A row that is missing has the factor 0, and stands for the last one.
        long stride = 4L * n;
        long x1 = x + Math.min(1, rows - 1) * stride;
        long x2 = x + Math.min(2, rows - 1) * stride;
        long x3 = x + Math.min(3, rows - 1) * stride;
        long x4 = x + Math.min(4, rows - 1) * stride;
        long x5 = x + Math.min(5, rows - 1) * stride;
        long x6 = x + Math.min(6, rows - 1) * stride;
        long x7 = x + Math.min(7, rows - 1) * stride;
        int c = 0;
        for (; c <= n - LANES; c += LANES) {
            FloatVector v0 = Vec.load(x + 4L * c);
            FloatVector v1 = Vec.load(x1 + 4L * c);
            FloatVector v2 = Vec.load(x2 + 4L * c);
            FloatVector v3 = Vec.load(x3 + 4L * c);
            FloatVector v4 = Vec.load(x4 + 4L * c);
            FloatVector v5 = Vec.load(x5 + 4L * c);
            FloatVector v6 = Vec.load(x6 + 4L * c);
            FloatVector v7 = Vec.load(x7 + 4L * c);
            for (int r = 0; r < ranks; r++) {
                FloatVector s = FloatVector.fromArray(F, sums, at + r * n + c);
                s = FloatVector.broadcast(F, factors[r]).fma(v0, s);
                s = FloatVector.broadcast(F, factors[ranks + r]).fma(v1, s);
                s = FloatVector.broadcast(F, factors[2 * ranks + r]).fma(v2, s);
                s = FloatVector.broadcast(F, factors[3 * ranks + r]).fma(v3, s);
                s = FloatVector.broadcast(F, factors[4 * ranks + r]).fma(v4, s);
                s = FloatVector.broadcast(F, factors[5 * ranks + r]).fma(v5, s);
                s = FloatVector.broadcast(F, factors[6 * ranks + r]).fma(v6, s);
                s = FloatVector.broadcast(F, factors[7 * ranks + r]).fma(v7, s);
                s.intoArray(sums, at + r * n + c);
            }
        }
        for (; c < n; c++) {
            for (int r = 0; r < ranks; r++) {
                float s = sums[at + r * n + c];
                for (int i = 0; i < rows; i++) {
                    s = Math.fma(Vec.getFloat(x + i * stride + 4L * c), factors[i * ranks + r], s);
                }
                sums[at + r * n + c] = s;
            }
        }
    }

    /** Adds the tasks' sums to the gradients, which lie in {@code grads} as the matrices lie in {@code slab}. */
    private void addSums(long grads, int in, int out, long slab, List<Task> tasks) {
        int blocksOfA = Math.ceilDiv(in, COLUMNS);
        int blocks = blocksOfA + Math.ceilDiv(out, COLUMNS);
        long elements = 0;
        for (Task task : tasks) {
            elements += (long) task.branch().ranks() * (in + out);
        }
        pool.tasks(blocks, elements >= WORTHWHILE, (block, slot) -> {
            boolean ofA = block < blocksOfA;
            int n = ofA ? in : out;
            int column = (ofA ? block : block - blocksOfA) * COLUMNS;
            int width = Math.min(COLUMNS, n - column);
            for (Task task : tasks) {
                Branch branch = task.branch();
                long[] matrix = ofA ? branch.a() : branch.b();
                int first = task.sums() + (ofA ? 0 : branch.ranks() * in) + column;
                for (int r = 0; r < matrix.length; r++) {
                    add(grads + matrix[r] - slab + 4L * column, sums, first + r * n, width);
                }
            }
        });
    }

    /** y += x[at, at + n). */
    private static void add(long y, float[] x, int at, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            Vec.store(Vec.load(y + 4L * i).add(FloatVector.fromArray(F, x, at + i)), y + 4L * i);
        }
        for (; i < n; i++) {
            Vec.setFloat(y + 4L * i, Vec.getFloat(y + 4L * i) + x[at + i]);
        }
    }
}

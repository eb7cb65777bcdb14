package dev.prag.tensor.cpu;

import dev.prag.tensor.LoraBound;
import dev.prag.tensor.LoraSpan;
import java.util.List;

/** Frobenius norms of weights, and of low-rank updates, which are bounded by them. */
final class CpuNorms {
    /** Rows of a weight in a task. */
    private static final int ROWS = 64;

    /** Multiplications below which one thread does all. */
    private static final long WORTHWHILE = 60_000;

    private CpuNorms() {}

    static double ofWeight(Pool pool, CpuWeight weight) {
        int tasks = Math.ceilDiv(weight.out(), ROWS);
        double[] sums = new double[tasks];
        pool.tasks(tasks, (long) weight.out() * weight.in() >= WORTHWHILE, (index, slot) -> {
            CpuMemory row = new CpuMemory(4L * weight.in());
            for (int r = index * ROWS; r < Math.min(weight.out(), (index + 1) * ROWS); r++) {
                weight.readRow(row.address(), r);
                sums[index] += Rows.dot(row.address(), row.address(), weight.in());
            }
            row.free();
        });
        double sum = 0;
        for (double part : sums) {
            sum += part;
        }
        return Math.sqrt(sum);
    }

    static void bound(Pool pool, long slab, List<LoraBound> bounds) {
        long work = 0;
        for (LoraBound bound : bounds) {
            work += (long) bound.part().rank() * bound.part().rank() * (bound.in() + bound.out());
        }
        pool.tasks(bounds.size(), work >= WORTHWHILE, (index, slot) -> {
            LoraBound bound = bounds.get(index);
            LoraSpan.Part part = bound.part();
            long b = slab + 4 * part.b();
            double norm = Math.abs(part.scale()) * ofProduct(slab + 4 * part.a(), b, bound);
            if (norm > bound.most()) {
                scale(b, part.rank() * bound.out(), (float) (bound.most() / norm));
            }
        });
    }

    /** ‖BᵀA‖² = Σ (AAᵀ ⊙ BBᵀ). */
    private static double ofProduct(long a, long b, LoraBound bound) {
        int rank = bound.part().rank();
        double square = 0;
        for (int r = 0; r < rank; r++) {
            for (int s = 0; s <= r; s++) {
                double ofA = Rows.dot(a + 4L * r * bound.in(), a + 4L * s * bound.in(), bound.in());
                double ofB = Rows.dot(b + 4L * r * bound.out(), b + 4L * s * bound.out(), bound.out());
                square += (r == s ? 1 : 2) * ofA * ofB;
            }
        }
        return Math.sqrt(Math.max(0, square));
    }

    private static void scale(long x, int n, float factor) {
        for (int i = 0; i < n; i++) {
            Vec.setFloat(x + 4L * i, factor * Vec.getFloat(x + 4L * i));
        }
    }
}

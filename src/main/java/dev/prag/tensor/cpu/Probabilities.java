package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.CpuDevice.at;
import static dev.prag.tensor.cpu.Vec.ALL;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The operations on logits, a row a task. */
final class Probabilities {
    /** Logits below which one thread does all. */
    private static final long WORTHWHILE = 16_384;

    private final Pool pool;
    private final Choice[] choices;

    Probabilities(Pool pool) {
        this.pool = pool;
        choices = new Choice[pool.threads()];
        Arrays.setAll(choices, i -> new Choice());
    }

    private void rows(Tensor logits, Pool.Task task) {
        pool.tasks(logits.rows(), logits.size() >= WORTHWHILE, task);
    }

    void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, int[] labels, Tensor scales) {
        int n = logits.cols();
        rows(logits, (r, slot) -> {
            long row = at(logits, r);
            float max = CpuSampling.max(row, n);
            double sum = CpuSampling.sumExp(row, n, max);
            long element = (long) r * n + labels[r];
            set(losses, r, (float) (max + Math.log(sum) - get(logits, element)));
            if (dlogits != null) {
                float scale = get(scales, r);
                CpuSampling.scaledExp(at(dlogits, r), row, n, max, (float) (scale / sum));
                set(dlogits, element, get(dlogits, element) - scale);
            }
        });
    }

    void softCrossEntropy(
            Tensor losses, Tensor dlogits, Tensor logits, int[] ids, Tensor probabilities, Tensor scales) {
        int n = logits.cols();
        int k = probabilities.cols();
        rows(logits, (r, slot) -> {
            SoftRow row = new SoftRow(at(logits, r), n, ids, r * k, at(probabilities, r), k);
            set(losses, r, row.loss());
            if (dlogits == null) {
                row.restore();
            } else {
                row.gradient(at(dlogits, r), get(scales, r));
            }
        });
    }

    void logProbabilities(Tensor out, Tensor logits, int[] ids) {
        int n = logits.cols();
        rows(logits, (r, slot) -> {
            double normaliser = CpuSampling.logSumExp(at(logits, r), n);
            set(out, r, (float) (get(logits, (long) r * n + ids[r]) - normaliser));
        });
    }

    void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        int n = logits.cols();
        int k = ids.cols();
        rows(logits, (r, slot) -> {
            int[] best = choices[slot].topK(at(logits, r), n, k);
            double normaliser = CpuSampling.logSumExp(at(logits, r), n);
            for (int i = 0; i < k; i++) {
                float logit = get(logits, (long) r * n + best[i]);
                set(logProbabilities, (long) r * k + i, (float) (logit - normaliser));
            }
            MemorySegment.copy(best, 0, ALL, JAVA_INT_UNALIGNED, at(ids, r), k);
        });
    }

    void entropy(Tensor out, Tensor logits) {
        rows(logits, (r, slot) -> set(out, r, CpuSampling.entropy(at(logits, r), logits.cols())));
    }

    void sample(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> rows) {
        int n = logits.cols();
        rows(logits, (r, slot) -> {
            int id = choices[slot].choose(at(logits, r), n, vocab, rows.get(r));
            double normaliser = CpuSampling.logSumExp(at(logits, r), n);
            Vec.setInt(at(ids, r), id);
            set(logProbabilities, r, (float) (get(logits, (long) r * n + id) - normaliser));
        });
    }

    private static void set(Tensor tensor, long element, float value) {
        Vec.setFloat(at(tensor) + 4 * element, value);
    }

    private static float get(Tensor tensor, long element) {
        return Vec.getFloat(at(tensor) + 4 * element);
    }
}

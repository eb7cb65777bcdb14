package dev.prag.tensor.cpu;

import dev.prag.tensor.SamplingRow;
import java.util.Arrays;

/** One thread's choice of tokens from rows of logits, on a copy of the row; see {@link SamplingRow} for the order. */
final class Choice {
    /** Candidates looked at first; most draws end among them. */
    private static final int FIRST_CANDIDATES = 64;

    private float[] values = new float[0];
    private TopK best = new TopK(FIRST_CANDIDATES);

    /** The ids of the k best of a row of n logits, best first; valid until the next call. */
    int[] topK(long row, int n, int k) {
        load(row, n);
        return select(n, k);
    }

    /** Chooses among the first {@code vocab} of n logits. */
    int choose(long row, int n, int vocab, SamplingRow how) {
        load(row, n);
        for (int id : how.seen()) {
            float penalty = how.repetitionPenalty();
            values[id] = values[id] > 0 ? values[id] / penalty : values[id] * penalty;
        }
        int choices = vocab;
        if (how.allowed() != null) {
            forbid(how.allowed(), vocab);
            choices = how.choices(vocab);
        }
        if (how.temperature() == 0) {
            return TopK.best(values, vocab);
        }
        int all = how.topK() == 0 ? choices : Math.min(how.topK(), choices);
        int candidates = how.topK() == 0 ? Math.min(FIRST_CANDIDATES, all) : all;
        while (true) {
            int chosen = draw(select(vocab, candidates), candidates, all, vocab, how);
            if (chosen >= 0) {
                return chosen;
            }
            candidates = (int) Math.min(8L * candidates, all);
        }
    }

    /** Makes the ids impossible that aren't allowed. */
    private void forbid(long[] allowed, int vocab) {
        for (int word = 0; word << 6 < vocab; word++) {
            int from = word << 6;
            int to = Math.min(vocab, from + 64);
            long bits = allowed[word];
            if (bits == 0) {
                Arrays.fill(values, from, to, Float.NEGATIVE_INFINITY);
            } else if (bits != -1) {
                for (int id = from; id < to; id++) {
                    if ((bits >>> id & 1) == 0) {
                        values[id] = Float.NEGATIVE_INFINITY;
                    }
                }
            }
        }
    }

    /** Draws among the best candidates out of {@code all} ids in question; -1 where that takes more candidates. */
    private int draw(int[] ids, int candidates, int all, int vocab, SamplingRow how) {
        double[] weights = new double[candidates];
        double total = 0;
        float max = values[ids[0]];
        for (int i = 0; i < candidates; i++) {
            weights[i] = Math.exp(((double) values[ids[i]] - max) / how.temperature());
            total += weights[i];
        }
        if (candidates < all) {
            total = CpuSampling.sumExp(values, vocab, max, 1 / how.temperature());
        }
        int kept = candidates;
        double mass = total;
        if (how.topP() < 1) {
            mass = 0;
            kept = 0;
            while (kept < candidates && (kept == 0 || mass < how.topP() * total)) {
                mass += weights[kept++];
            }
            if (mass < how.topP() * total && candidates < all) {
                return -1;
            }
        }
        double below = 0;
        for (int i = 0; i < kept; i++) {
            below += weights[i];
            if (below > how.uniform() * mass) {
                return ids[i];
            }
        }
        return kept < all && how.topP() == 1 ? -1 : ids[kept - 1];
    }

    private void load(long row, int n) {
        values = HeadRows.atLeast(values, n);
        CpuSampling.copy(values, row, n);
    }

    private int[] select(int n, int k) {
        if (best.capacity() < k) {
            best = new TopK(k);
        }
        return best.select(values, n, k);
    }
}

package dev.prag.tensor.cpu;

/**
 * A row of logits against a distribution of which k probabilities are known and the rest is one bucket. The rest's share
 * of the softmax is summed without the known ones, which are set aside meanwhile: as a difference it would be lost in
 * rounding where the known ones are nearly all.
 */
final class SoftRow {
    private final long row;
    private final int n;
    private final int[] ids;
    private final int first;
    private final float[] known;
    private final float[] probabilities;

    /** Of the distribution: what is known of it, and what is left for the rest. */
    private final double mass;

    private final double rest;

    /** Of the logits: the largest of the rest, Σ e^(x - largest) over the rest, and ln Σ e^x over all. */
    private final float largest;

    private final double restSum;
    private final double normaliser;

    /**
     * Takes the row's known logits out of it, until {@link #restore} or {@link #gradient}.
     *
     * @param ids those of this row are at [first, first + k)
     * @param probabilities address of k numbers
     */
    SoftRow(long row, int n, int[] ids, int first, long probabilities, int k) {
        this.row = row;
        this.n = n;
        this.ids = ids;
        this.first = first;
        this.known = new float[k];
        this.probabilities = new float[k];
        double sum = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < k; i++) {
            this.probabilities[i] = Vec.getFloat(probabilities + 4L * i);
            sum += this.probabilities[i];
            known[i] = Vec.getFloat(at(row, i));
            most = Math.max(most, known[i]);
        }
        for (int i = 0; i < k; i++) {
            Vec.setFloat(at(row, i), Float.NEGATIVE_INFINITY);
        }
        mass = sum;
        rest = Math.max(0, 1 - sum);
        largest = CpuSampling.max(row, n);
        restSum = CpuSampling.sumExp(row, n, largest);
        most = Math.max(most, largest);
        double total = restSum * Math.exp((double) largest - most);
        for (float logit : known) {
            total += Math.exp((double) logit - most);
        }
        normaliser = most + Math.log(total);
    }

    private long at(long to, int i) {
        return to + 4L * ids[first + i];
    }

    float loss() {
        double loss = rest * (normaliser - largest - Math.log(restSum));
        for (int i = 0; i < known.length; i++) {
            loss += probabilities[i] * (normaliser - known[i]);
        }
        return (float) loss;
    }

    void restore() {
        for (int i = 0; i < known.length; i++) {
            Vec.setFloat(at(row, i), known[i]);
        }
    }

    /** out ← scale·gradient; the row is as it was, unless it is {@code out}. */
    void gradient(long out, float scale) {
        double factor = (mass + rest) * Math.exp(largest - normaliser) - rest / restSum;
        CpuSampling.scaledExp(out, row, n, largest, (float) (scale * factor));
        restore();
        for (int i = 0; i < known.length; i++) {
            double share = (mass + rest) * Math.exp(known[i] - normaliser);
            Vec.setFloat(at(out, i), (float) (scale * (share - probabilities[i])));
        }
    }
}

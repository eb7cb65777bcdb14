package dev.prag.generation;

/** Costs that a test asks for. */
final class FixedCosts implements MergeCosts {
    private final double merge;
    private final double branch;
    /** Whether rows are to be timed. */
    boolean wantsPairs;

    int pairs;
    int merges;

    /**
     * @param merge of a copy, whatever its size
     * @param branch of the side branch for a token
     */
    FixedCosts(double merge, double branch) {
        this.merge = merge;
        this.branch = branch;
    }

    @Override
    public boolean wantsPair() {
        return wantsPairs;
    }

    @Override
    public void pair(double with, double without) {
        pairs++;
    }

    @Override
    public void merged(long bytes, double seconds) {
        merges++;
    }

    @Override
    public double merge(long bytes) {
        return merge;
    }

    @Override
    public double branch() {
        return branch;
    }
}

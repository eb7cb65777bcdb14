package dev.prag.training;

/**
 * A training on its way, between two steps: all that decides how it goes on. On the same device it goes on to the last bit
 * as if it hadn't been interrupted.
 *
 * @param losses of the steps that were taken, in nats
 * @param parameters the adapter as it lies in a slab
 * @param firstMoments of AdamW, in the same order
 * @param secondMoments as well
 * @param best the adapter after the epoch in which the validation samples' loss was least; null where there was none
 * @param bestLoss that loss, in nats; infinite where there was none
 * @param sinceBest epochs since
 */
public record Checkpoint(
        float[] losses,
        float[] parameters,
        float[] firstMoments,
        float[] secondMoments,
        float[] best,
        double bestLoss,
        int sinceBest) {
    /** Steps that were taken. */
    public int step() {
        return losses.length;
    }
}

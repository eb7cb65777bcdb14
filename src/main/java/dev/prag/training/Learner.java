package dev.prag.training;

import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.tensor.AdamW;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** A job on its way: which step it is at, where its adapter lies, and the losses so far. */
final class Learner {
    private final int index;
    private final TrainingJob job;
    private final TrainingRecipe recipe;
    private final AdapterSlab.Slot slot;
    private final Composition composition;
    private final float[] losses;
    private int step;

    /** @param slot where the adapter lies, filled with its start */
    Learner(int index, TrainingJob job, TrainingRecipe recipe, AdapterSlab.Slot slot) {
        this.index = index;
        this.job = job;
        this.recipe = recipe;
        this.slot = slot;
        this.composition = new Composition(List.of(new Composition.Term(slot, 1)));
        this.losses = new float[recipe.epochs() * job.samples().size()];
    }

    /** Whether there is no further step: all are taken, or the training has diverged. */
    boolean finished() {
        return step == losses.length || diverged();
    }

    private boolean diverged() {
        return step > 0 && !Float.isFinite(losses[step - 1]);
    }

    Composition composition() {
        return composition;
    }

    /** The sample of the current step. */
    Sample sample() {
        return job.samples().get(step % job.samples().size());
    }

    /** Index of the first token of the current sample that is learned; all after it are learned too. */
    int firstLabel() {
        return firstLabel(sample(), recipe);
    }

    static int firstLabel(Sample sample, TrainingRecipe recipe) {
        return recipe.lossOn() == TrainingRecipe.LossOn.ALL ? 1 : Math.max(1, sample.answerFrom());
    }

    /** How many tokens of the current sample are learned. */
    int labels() {
        return sample().ids().length - firstLabel();
    }

    /** Takes note of the current sample's losses, which stand at [from, from + labels()). */
    void recordLosses(float[] rowLosses, int from, StepListener listener) {
        double sum = 0;
        for (int i = 0; i < labels(); i++) {
            sum += rowLosses[from + i];
        }
        losses[step] = (float) (sum / labels());
        listener.onStep(index, step, losses[step]);
    }

    /** Goes on to the next step; what the optimiser has to do for this one. */
    AdamW.Range advance() {
        step++;
        return new AdamW.Range(slot.offset(), slot.length(), step);
    }

    /** What the job has come to; waits for the device. */
    TrainingResult result(Tensor parameters, int vocabSize) {
        float[] taken = Arrays.copyOf(losses, step);
        if (diverged() || Divergence.exploded(taken, vocabSize)) {
            return new TrainingResult(job.id(), null, taken);
        }
        Adapter trained = slot.read(parameters);
        return new TrainingResult(job.id(), Divergence.isFinite(trained) ? trained : null, taken);
    }
}

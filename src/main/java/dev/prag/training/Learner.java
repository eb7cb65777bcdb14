package dev.prag.training;

import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.tensor.AdamW;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A job on its way: which step it is at, where its adapter lies, and the losses so far. */
final class Learner {
    private final int index;
    private final TrainingJob job;
    private final TrainingRecipe recipe;
    private final List<Lesson> samples;
    private final NeutralTexts neutral;
    private final AdapterSlab.Slot slot;
    private final Composition composition;
    private final float[] losses;
    private int step;
    /** Which neutral text comes next, tokens that there is room for, and steps since there was one. */
    private int neutralTurn;

    /** The least loss of the validation samples, and epochs since. */
    private double bestValidation = Double.POSITIVE_INFINITY;

    private int sinceBest;
    private boolean stopped;
    private float neutralRoom;
    private int waited;
    /** Of the current step: what it learns from, how much of that is done, and the sum of its losses. */
    private List<Lesson> lessons;

    private int done;
    private double loss;

    /**
     * @param samples the job's
     * @param neutral null where none are to be kept to
     * @param slot where the adapter lies, filled with its start
     */
    Learner(
            int index,
            TrainingJob job,
            TrainingRecipe recipe,
            List<Lesson> samples,
            NeutralTexts neutral,
            AdapterSlab.Slot slot) {
        this.index = index;
        this.job = job;
        this.recipe = recipe;
        this.samples = samples;
        this.neutral = neutral;
        this.slot = slot;
        this.composition = new Composition(List.of(new Composition.Term(slot, 1)));
        this.losses = new float[recipe.epochs() * samples.size()];
        this.lessons = lessonsOfStep();
    }

    /**
     * Goes on from where the job was interrupted, if it was.
     *
     * @param state tensors like the slab, which hold a beginning
     */
    void resume(Device device, TrainingState state) {
        Checkpoint from = job.from();
        if (from == null) {
            return;
        }
        int length = Math.toIntExact(slot.length());
        boolean fits = from.step() <= losses.length
                && Stream.of(from.parameters(), from.firstMoments(), from.secondMoments())
                        .allMatch(values -> values.length == length)
                && (from.best() == null || state.best() != null && from.best().length == length);
        if (!fits) {
            throw new UserException("training " + job.id() + ": the checkpoint to go on from is of another training");
        }
        System.arraycopy(from.losses(), 0, losses, 0, from.step());
        device.write(slot.in(state.parameters()), from.parameters());
        device.write(slot.in(state.firstMoments()), from.firstMoments());
        device.write(slot.in(state.secondMoments()), from.secondMoments());
        if (from.best() != null) {
            device.write(slot.in(state.best()), from.best());
            bestValidation = from.bestLoss();
            sinceBest = from.sinceBest();
            stopped = sinceBest >= recipe.patience();
        }
        // Whose turn a neutral text is follows from the steps before.
        while (step < from.step()) {
            advance();
        }
    }

    /** How far it has come; waits for the device. */
    Checkpoint checkpoint(Device device, TrainingState state) {
        return new Checkpoint(
                Arrays.copyOf(losses, step),
                device.read(slot.in(state.parameters())),
                device.read(slot.in(state.firstMoments())),
                device.read(slot.in(state.secondMoments())),
                hasBest() ? device.read(slot.in(state.best())) : null,
                bestValidation,
                sinceBest);
    }

    int index() {
        return index;
    }

    /** Whether there is no further step: all are taken, the training has diverged, or it does no better. */
    boolean finished() {
        return step == losses.length || diverged() || stopped;
    }

    private boolean diverged() {
        return step > 0 && !Float.isFinite(losses[step - 1]);
    }

    Composition composition() {
        return composition;
    }

    AdapterSlab.Slot slot() {
        return slot;
    }

    List<Sample> validation() {
        return job.validation();
    }

    /** Whether an epoch has just ended, and there is something to tell how good it was. */
    boolean isToBeValidated() {
        return !job.validation().isEmpty() && step % samples.size() == 0 && !diverged();
    }

    /**
     * Takes note of how the adapter does now.
     *
     * @return whether it never did better
     */
    boolean validated(double validationLoss, int patience) {
        boolean better = validationLoss < bestValidation;
        if (better) {
            bestValidation = validationLoss;
            sinceBest = 0;
        } else {
            sinceBest++;
        }
        stopped = sinceBest >= patience;
        return better;
    }

    /** Whether its best adapter is kept apart. */
    boolean hasBest() {
        return bestValidation < Double.POSITIVE_INFINITY;
    }

    /** What the current step learns from. */
    List<Lesson> lessons() {
        return lessons;
    }

    /**
     * The step's sample, and a neutral text if there is room for the one whose turn it is: one that had to wait for some
     * steps weighs as much more.
     */
    private List<Lesson> lessonsOfStep() {
        Lesson sample = samples.get(step % samples.size());
        if (neutral == null) {
            return List.of(sample);
        }
        float share = recipe.loss().neutralShare();
        neutralRoom += sample.rows() * share / (1 - share);
        waited++;
        int tokens = neutral.tokens(neutralTurn);
        if (tokens > neutralRoom) {
            return List.of(sample);
        }
        Lesson text = neutral.lesson(neutralTurn, recipe.loss().neutral() * waited);
        neutralRoom -= tokens;
        waited = 0;
        neutralTurn++;
        return List.of(sample, text);
    }

    /** Takes note of the loss of one of the step's lessons; after the last one the step's is told. */
    void record(double lessonLoss, StepListener listener) {
        loss += lessonLoss;
        if (++done == lessons.size()) {
            losses[step] = (float) loss;
            listener.onStep(index, step, losses[step]);
        }
    }

    /** Learning rate of the current step. */
    float rate() {
        return recipe.rate(step + 1, losses.length);
    }

    /** Goes on to the next step; what the optimiser has to do for this one. */
    AdamW.Range advance() {
        step++;
        done = 0;
        loss = 0;
        if (step < losses.length) {
            lessons = lessonsOfStep();
        }
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

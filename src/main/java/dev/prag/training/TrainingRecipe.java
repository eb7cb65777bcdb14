package dev.prag.training;

import dev.prag.base.UserException;
import dev.prag.lora.Projection;
import dev.prag.lora.Scope;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * How adapters are trained: AdamW with betas 0.9 and 0.999, epsilon 1e-8 and decoupled weight decay 0.01, one
 * sample a step.
 *
 * @param rank rank of every update
 * @param alpha scaling is alpha/rank
 * @param targets projections that are adapted, in every layer
 * @param learningRate of the first step
 * @param epochs how often the samples are seen, in the same order each time
 * @param lossOn which tokens are learned
 * @param seed of the initial A
 * @param loss what is minimised
 * @param maxNorm the most that the Frobenius norm of each projection's update may be of its weight's, held after each
 *     step by making B smaller; 0 where it isn't bounded
 * @param patience after how many epochs in which the loss of a job's validation samples became no smaller its training
 *     ends; 0 where there is no validation
 * @param schedule how the learning rate goes on
 * @param scope over which part of a sample the adapter is in force. With {@link Scope#ANSWER} the base model reads the
 *     prompt, and only the answer can be learned
 */
public record TrainingRecipe(
        int rank,
        float alpha,
        Set<Projection> targets,
        float learningRate,
        int epochs,
        LossOn lossOn,
        long seed,
        LossWeights loss,
        float maxNorm,
        int patience,
        Schedule schedule,
        Scope scope) {
    /** How the learning rate goes on from the first step. */
    public enum Schedule {
        /** As it began. */
        CONSTANT,
        /** Down in a straight line, to 0 behind the last step of the last epoch. */
        LINEAR
    }

    /** Which tokens the loss is a mean over. */
    public enum LossOn {
        /** Every token but the first, which nothing predicts. */
        ALL,
        /** The tokens from {@link Sample#answerFrom()} on. */
        ANSWER
    }

    /** @throws UserException for a value that can't train anything */
    public TrainingRecipe {
        // In a fixed order, so that a recipe reads the same in every process.
        targets = Collections.unmodifiableSet(new TreeSet<>(targets));
        require(rank >= 1, "rank", rank, "at least 1");
        require(alpha > 0 && Float.isFinite(alpha), "alpha", alpha, "above 0");
        require(learningRate > 0 && Float.isFinite(learningRate), "learning rate", learningRate, "above 0");
        require(epochs >= 1, "epochs", epochs, "at least 1");
        require(maxNorm >= 0 && maxNorm <= 10, "maxNorm", maxNorm, "above 0, and at most 10");
        require(patience >= 0 && patience <= 10_000, "patience", patience, "at least 1");
        require(!targets.isEmpty(), "targets", targets, "at least one projection, such as gate_proj");
        if (scope == Scope.ANSWER && lossOn != LossOn.ANSWER) {
            throw new UserException(
                    "training: with scope answer the base model reads the prompts, so that nothing of them"
                            + " can be learned; let lossOn be answer, too");
        }
    }

    /** A recipe whose adapters are in force everywhere, with a constant learning rate. */
    public TrainingRecipe(
            int rank,
            float alpha,
            Set<Projection> targets,
            float learningRate,
            int epochs,
            LossOn lossOn,
            long seed,
            LossWeights loss,
            float maxNorm,
            int patience) {
        this(
                rank,
                alpha,
                targets,
                learningRate,
                epochs,
                lossOn,
                seed,
                loss,
                maxNorm,
                patience,
                Schedule.CONSTANT,
                Scope.PROMPT);
    }

    /** A recipe that learns the samples' tokens alone. */
    public TrainingRecipe(
            int rank, float alpha, Set<Projection> targets, float learningRate, int epochs, LossOn lossOn, long seed) {
        this(rank, alpha, targets, learningRate, epochs, lossOn, seed, LossWeights.ANSWERS, 0, 0);
    }

    /** This recipe with another learning rate. */
    public TrainingRecipe withLearningRate(float rate) {
        return new TrainingRecipe(
                rank, alpha, targets, rate, epochs, lossOn, seed, loss, maxNorm, patience, schedule, scope);
    }

    /** The learning rate of a step, counted from 1, of so many. */
    float rate(int step, int steps) {
        return switch (schedule) {
            case CONSTANT -> learningRate;
            case LINEAR -> learningRate * (steps - step + 1) / steps;
        };
    }

    private static void require(boolean holds, String name, Object value, String need) {
        if (!holds) {
            throw new UserException("training: " + name + " is " + value + "; it has to be " + need);
        }
    }
}

package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.UserException;
import dev.prag.lora.Projection;
import dev.prag.lora.Scope;
import dev.prag.training.LossWeights;
import dev.prag.training.TrainingRecipe;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How an adapter is trained.
 *
 * @param rank rank of every update
 * @param alpha scaling is alpha/rank
 * @param targets module names of the projections, such as {@code gate_proj}
 * @param learningRate of the first step
 * @param epochs how often the samples are seen
 * @param lossOn all tokens, or the answer's
 * @param steps whether the answers of the samples reason first
 * @param seed of the initial A
 * @param init the adapter to start from (warm start), a PEFT folder or an id; null for a fresh one
 * @param samples which samples hold the passage; null for half of the pairs'
 * @param loss what is minimised; null for the samples' tokens alone
 * @param sharedA whether fresh adapters all start from the same A; null for yes
 * @param maxNorm bound on each projection's update, as a share of the weight's norm; null for none
 * @param gate what an adapter has to come to, else it isn't published; null where all are
 * @param validation what is held back to tell the best epoch by; null for nothing
 * @param leaveOut what of the augmentations isn't trained on, each once and in a fixed order; null for nothing
 * @param schedule how the learning rate goes on; null for constant
 * @param scope over which part of a sample the adapter is in force; null is the whole of it
 */
@RegisterForReflection
public record TrainingSettings(
        @JsonProperty(required = true) int rank,
        @JsonProperty(required = true) float alpha,
        @JsonProperty(required = true) List<String> targets,
        @JsonProperty(required = true) float learningRate,
        @JsonProperty(required = true) int epochs,
        @JsonProperty(required = true) LossOn lossOn,
        @JsonProperty(required = true) boolean steps,
        @JsonProperty(required = true) long seed,
        @JsonSetter(nulls = Nulls.SET) Start init,
        @JsonSetter(nulls = Nulls.SET) SampleForm samples,
        @JsonSetter(nulls = Nulls.SET) LossSettings loss,
        @JsonSetter(nulls = Nulls.SET) Boolean sharedA,
        @JsonSetter(nulls = Nulls.SET) Float maxNorm,
        @JsonSetter(nulls = Nulls.SET) ValidationSettings validation,
        @JsonSetter(nulls = Nulls.SET) GateSettings gate,
        @JsonSetter(nulls = Nulls.SET) List<LeftOut> leaveOut,
        @JsonSetter(nulls = Nulls.SET) Schedule schedule,
        @JsonSetter(nulls = Nulls.SET) Scope scope) {
    /** Which tokens are learned. */
    @RegisterForReflection
    public enum LossOn {
        @JsonProperty("all")
        ALL,
        @JsonProperty("answer")
        ANSWER
    }

    /** How the learning rate goes on. */
    @RegisterForReflection
    public enum Schedule {
        @JsonProperty("constant")
        CONSTANT,
        @JsonProperty("linear")
        LINEAR
    }

    public TrainingSettings {
        // One spelling of what means the same, for the hash of a recipe.
        schedule = schedule == Schedule.CONSTANT ? null : schedule;
        scope = scope == Scope.PROMPT ? null : scope;
        targets = List.copyOf(targets);
        leaveOut = leaveOut == null || leaveOut.isEmpty() ? null : List.copyOf(EnumSet.copyOf(leaveOut));
    }

    /** Another way of training an adapter of the same shape. */
    public TrainingSettings with(float otherRate, int otherEpochs, SampleForm otherSamples, LossSettings otherLoss) {
        return changed(otherRate, otherEpochs, lossOn, init, otherSamples, otherLoss, scope);
    }

    /** The same with the adapter in force over another part of a sample; only what it is in force in is learned. */
    public TrainingSettings within(Scope other) {
        LossOn whole = scope == Scope.ANSWER ? LossOn.ALL : lossOn;
        return changed(learningRate, epochs, other == Scope.ANSWER ? LossOn.ANSWER : whole, init, samples, loss, other);
    }

    /** With the files that it names where they are, seen from the recipe's file. */
    TrainingSettings beside(Path recipe) {
        Path texts = loss == null ? null : loss.neutralTexts();
        return changed(
                learningRate,
                epochs,
                lossOn,
                init == null ? null : init.beside(recipe),
                samples,
                texts == null
                        ? loss
                        : loss.withNeutralTexts(recipe.resolveSibling(texts).normalize()),
                scope);
    }

    private TrainingSettings changed(
            float otherRate,
            int otherEpochs,
            LossOn otherLossOn,
            Start otherInit,
            SampleForm otherSamples,
            LossSettings otherLoss,
            Scope otherScope) {
        return new TrainingSettings(
                rank,
                alpha,
                targets,
                otherRate,
                otherEpochs,
                otherLossOn,
                steps,
                seed,
                otherInit,
                otherSamples,
                otherLoss,
                sharedA,
                maxNorm,
                validation,
                gate,
                leaveOut,
                schedule,
                otherScope);
    }

    SampleForm form() {
        return samples == null ? SampleForm.HALF : samples;
    }

    LossWeights weights() {
        return loss == null ? LossWeights.ANSWERS : loss.weights();
    }

    /** What the trainer needs of it. */
    TrainingRecipe forTrainer() {
        Set<Projection> projections = EnumSet.noneOf(Projection.class);
        for (String target : targets) {
            projections.add(Projection.ofModuleName(target)
                    .orElseThrow(() -> new UserException("recipe: targets names " + target
                            + ", which is no projection; use names such as gate_proj, up_proj and down_proj")));
        }
        return new TrainingRecipe(
                rank,
                alpha,
                projections,
                learningRate,
                epochs,
                TrainingRecipe.LossOn.valueOf(lossOn.name()),
                seed,
                weights(),
                maxNorm == null ? 0 : maxNorm,
                validation == null ? 0 : validation.patience(),
                schedule == null ? TrainingRecipe.Schedule.CONSTANT : TrainingRecipe.Schedule.valueOf(schedule.name()),
                scope == null ? Scope.PROMPT : scope);
    }
}

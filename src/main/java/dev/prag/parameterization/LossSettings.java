package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.training.LossWeights;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;

/**
 * What a recipe minimises; what it leaves out is as in {@link LossWeights#ANSWERS}.
 *
 * @param answers weight of the samples' own tokens
 * @param distillation weight of the base model's distributions over the answer with the passage in its prompt
 * @param neutral weight of the base model's distributions on neutral texts
 * @param topLogprobs how many probabilities of a distribution are kept
 * @param neutralShare the most that neutral tokens are of all
 * @param neutralTexts JSON file of the user's own neutral texts, relative to the recipe's; null for those that come with
 *     the program
 */
@RegisterForReflection
public record LossSettings(
        @JsonSetter(nulls = Nulls.SET) Float answers,
        @JsonSetter(nulls = Nulls.SET) Float distillation,
        @JsonSetter(nulls = Nulls.SET) Float neutral,
        @JsonSetter(nulls = Nulls.SET) Integer topLogprobs,
        @JsonSetter(nulls = Nulls.SET) Float neutralShare,
        @JsonSetter(nulls = Nulls.SET) Path neutralTexts) {
    LossWeights weights() {
        LossWeights usual = LossWeights.ANSWERS;
        return new LossWeights(
                answers == null ? usual.answers() : answers,
                distillation == null ? usual.distillation() : distillation,
                neutral == null ? usual.neutral() : neutral,
                topLogprobs == null ? usual.topLogprobs() : topLogprobs,
                neutralShare == null ? usual.neutralShare() : neutralShare);
    }

    LossSettings withNeutralTexts(Path file) {
        return new LossSettings(answers, distillation, neutral, topLogprobs, neutralShare, file);
    }
}

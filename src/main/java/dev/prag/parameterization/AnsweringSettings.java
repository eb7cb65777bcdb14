package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.augmentation.Extraction;
import dev.prag.llm.GenerationDefaults;
import dev.prag.lora.Scope;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Defaults of answering with adapters of this recipe.
 *
 * @param topK how many passages are retrieved
 * @param weights how their adapters are weighted
 * @param scoreTemperature of the softmax, where weights go by score
 * @param steps whether the model reasons before it answers
 * @param maxTokens bound on the length of an answer
 * @param strength a factor on all weights; null is 1
 * @param scope over which part of a sequence adapters are in force; null is the whole of it
 * @param cutOff below which share of the largest weight there is none; null is 0
 * @param parametric what holds for the method parametric instead; null for nothing
 * @param combined what holds for the method combined instead; null for nothing
 * @param method by which a question is answered that names none; null is parametric
 * @param extraction how the answer is found in what the model wrote; null is after the last marker, to the line's end
 * @param repetitionPenalty on the logits of tokens that occurred; null is none
 */
@RegisterForReflection
public record AnsweringSettings(
        @JsonProperty(required = true) int topK,
        @JsonProperty(required = true) WeightRule weights,
        @JsonProperty(required = true) double scoreTemperature,
        @JsonProperty(required = true) boolean steps,
        @JsonProperty(required = true) int maxTokens,
        @JsonSetter(nulls = Nulls.SET) Double strength,
        @JsonSetter(nulls = Nulls.SET) Scope scope,
        @JsonSetter(nulls = Nulls.SET) Double cutOff,
        @JsonSetter(nulls = Nulls.SET) Composing parametric,
        @JsonSetter(nulls = Nulls.SET) Composing combined,
        @JsonSetter(nulls = Nulls.SET) String method,
        @JsonSetter(nulls = Nulls.SET) Extraction extraction,
        @JsonSetter(nulls = Nulls.SET) RepetitionPenalty repetitionPenalty) {
    private static final Composing DEFAULT = new Composing(null, null, 1.0, Scope.PROMPT, null, 0.0);

    public AnsweringSettings {
        // Its checks are those of what it is made of.
        new Composing(topK, weights, strength, scope, scoreTemperature, cutOff);
    }

    AnsweringSettings with(Composing otherParametric, Composing otherCombined) {
        return new AnsweringSettings(
                topK,
                weights,
                scoreTemperature,
                steps,
                maxTokens,
                strength,
                scope,
                cutOff,
                otherParametric,
                otherCombined,
                method,
                extraction,
                repetitionPenalty);
    }

    /** How the answer is found in what the model wrote. */
    public Extraction extracted() {
        return extraction == null ? Extraction.DEFAULT : extraction;
    }

    /** The penalty on tokens that occurred, with a model that recommends this; 1 is none. */
    public float penalty(GenerationDefaults recommended) {
        return repetitionPenalty == null ? 1 : repetitionPenalty.of(recommended);
    }

    /** How adapters are composed for a method, with nothing left open. */
    public Composing composing(String method) {
        Composing all = new Composing(topK, weights, strength, scope, scoreTemperature, cutOff).over(DEFAULT);
        Composing own =
                switch (method) {
                    case "parametric" -> parametric;
                    case "combined" -> combined;
                    default -> null;
                };
        return own == null ? all : own.over(all);
    }
}

package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * How strictly what a model made of a passage is checked. What a recipe leaves out has its default.
 *
 * @param support share of an answer's words that the passage has to hold; its numbers have to be there in any case
 * @param supportGain how much more probable the passage makes the answer, in nats a token; null asks nobody
 * @param rewriteKeeps share of the passage's words that a rewrite has to keep; its numbers and names all have to stay
 * @param longestCopy share of the passage's words that a rewrite may hold in one piece
 * @param rewriteFromPairs whether the full answers of the pairs are the rewrite where the model makes none
 */
@RegisterForReflection
public record CheckSettings(
        @JsonSetter(nulls = Nulls.SET) Double support,
        @JsonSetter(nulls = Nulls.SET) Double supportGain,
        @JsonSetter(nulls = Nulls.SET) Double rewriteKeeps,
        @JsonSetter(nulls = Nulls.SET) Double longestCopy,
        @JsonSetter(nulls = Nulls.SET) Boolean rewriteFromPairs) {
    /** What holds for questions that are made one by one where the recipe says nothing. */
    static final CheckSettings DEFAULT = new CheckSettings(null, null, null, null, null);

    public CheckSettings {
        support = support == null ? 0.7 : support;
        rewriteKeeps = rewriteKeeps == null ? 0.5 : rewriteKeeps;
        longestCopy = longestCopy == null ? 0.3 : longestCopy;
        rewriteFromPairs = rewriteFromPairs != null && rewriteFromPairs;
        AugmentationSettings.requireShare("checks.support", support);
        AugmentationSettings.requireShare("checks.rewriteKeeps", rewriteKeeps);
        AugmentationSettings.requireShare("checks.longestCopy", longestCopy);
    }
}

package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The part of a recipe that decides how a passage is augmented.
 *
 * @param prompts name of the prompt set
 * @param rewriteTemperatures one rewrite is asked for at each; 0 is greedy
 * @param pairTemperatures question/answer pairs are asked for once at each; where it is empty and there are no {@code
 *     questions}, none are
 * @param maxPairs at most so many different pairs are kept
 * @param tries how often an answer that isn't what was asked for is asked for, the first time included
 * @param maxRewriteTokens bound on the length of a rewrite
 * @param maxPairsTokens bound on the length of one answer with pairs
 * @param seed decides, with the passage, what is sampled
 * @param questions how questions are made one by one, answers first; null for the paper's way, several at once
 * @param checks how strictly what comes back is checked; null for the least
 * @param structured whether what the local model writes of pairs is kept to their form; null is not
 */
@RegisterForReflection
public record AugmentationSettings(
        @JsonProperty(required = true) String prompts,
        @JsonProperty(required = true) List<Double> rewriteTemperatures,
        @JsonProperty(required = true) List<Double> pairTemperatures,
        @JsonProperty(required = true) int maxPairs,
        @JsonProperty(required = true) int tries,
        @JsonProperty(required = true) int maxRewriteTokens,
        @JsonProperty(required = true) int maxPairsTokens,
        @JsonProperty(required = true) long seed,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        QuestionSettings questions,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        CheckSettings checks,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        Boolean structured) {
    public AugmentationSettings {
        rewriteTemperatures = List.copyOf(rewriteTemperatures);
        pairTemperatures = List.copyOf(pairTemperatures);
        requireTemperatures("rewriteTemperatures", rewriteTemperatures);
        requireTemperatures("pairTemperatures", pairTemperatures);
        requireBetween("maxPairs", maxPairs, 1, 1000);
        requireBetween("tries", tries, 1, 20);
        requireBetween("maxRewriteTokens", maxRewriteTokens, 1, 100_000);
        requireBetween("maxPairsTokens", maxPairsTokens, 1, 100_000);
        PromptSet.named(prompts);
        if (questions != null) {
            QuestionPrompts.of(prompts);
        }
        // One spelling of what is off, for the hash of a recipe.
        structured = Boolean.TRUE.equals(structured) ? structured : null;
    }

    /** The paper's way: several pairs at once, which are checked least. */
    public AugmentationSettings(
            String prompts,
            List<Double> rewriteTemperatures,
            List<Double> pairTemperatures,
            int maxPairs,
            int tries,
            int maxRewriteTokens,
            int maxPairsTokens,
            long seed) {
        this(
                prompts,
                rewriteTemperatures,
                pairTemperatures,
                maxPairs,
                tries,
                maxRewriteTokens,
                maxPairsTokens,
                seed,
                null,
                null,
                null);
    }

    /** SHA-256 of all that decides an augmentation besides the passage and the model: fields and wording. */
    public String hash() {
        PromptSet set = PromptSet.named(prompts);
        Hashes.Builder hash = Hashes.builder()
                .add(set.rewrite())
                .add(set.pairs())
                .add(joined(rewriteTemperatures))
                .add(joined(pairTemperatures))
                .add(maxPairs)
                .add(tries)
                .add(maxRewriteTokens)
                .add(maxPairsTokens)
                .add(seed);
        if (questions != null) {
            hash.add("questions").add(questions.toString()).add(questionsHash());
        }
        if (checks != null) {
            hash.add("checks").add(checks.toString());
        }
        if (structured != null) {
            hash.add("structured");
        }
        return hash.hex();
    }

    /** SHA-256 of the wording by which questions are asked for one by one; null where they aren't. */
    public String questionsHash() {
        return questions == null ? null : QuestionPrompts.of(prompts).hash();
    }

    /** Whether question/answer pairs are asked for at all, in one way or the other. */
    public boolean asksForPairs() {
        return questions != null || !pairTemperatures.isEmpty();
    }

    private static String joined(List<Double> temperatures) {
        return temperatures.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    static void requireTemperatures(String field, List<Double> temperatures) {
        for (Double temperature : temperatures) {
            if (!(temperature >= 0 && temperature <= 2)) {
                throw new UserException(
                        "recipe: " + field + " holds " + temperature + "; give temperatures between 0 and 2");
            }
        }
    }

    static void requireBetween(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserException(
                    "recipe: " + field + " is " + value + "; give a number between " + least + " and " + most);
        }
    }

    static void requireSome(String field, List<?> values, String such) {
        if (values.isEmpty()) {
            throw new UserException("recipe: " + field + " is empty; give one at least, such as " + such);
        }
    }

    static void requireShare(String field, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new UserException("recipe: " + field + " is " + value + "; give a number between 0 and 1");
        }
    }
}

package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.llm.ComputeType;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The part of a recipe that decides how a passage is augmented.
 *
 * @param prompts the prompt set, which recipes name or give as a file
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
 * @param model folder or GGUF file of the model that augments; null for the one that the settings of the process say,
 *     which usually is the one that answers. Not part of the {@link #hash}: what augments is known by its content
 * @param weights of that model: int8; null for full
 */
@RegisterForReflection
public record AugmentationSettings(
        @JsonProperty(required = true) Prompts prompts,
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
        Boolean structured,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        Path model,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        String weights) {
    private static final String INT8 = "int8";

    public AugmentationSettings {
        rewriteTemperatures = List.copyOf(rewriteTemperatures);
        pairTemperatures = List.copyOf(pairTemperatures);
        requireTemperatures("rewriteTemperatures", rewriteTemperatures);
        requireTemperatures("pairTemperatures", pairTemperatures);
        requireBetween("maxPairs", maxPairs, 1, 1000);
        requireBetween("tries", tries, 1, 20);
        requireBetween("maxRewriteTokens", maxRewriteTokens, 1, 100_000);
        requireBetween("maxPairsTokens", maxPairsTokens, 1, 100_000);
        if (questions != null) {
            prompts.requireQuestions();
        }
        // One spelling of what is off, for the hash of a recipe.
        structured = Boolean.TRUE.equals(structured) ? structured : null;
        if (weights != null && model == null) {
            throw new UserException("recipe: augmentation.weights is " + weights
                    + ", but no model is named; name one in augmentation.model, or leave both out");
        }
        if (weights != null && !weights.equals(INT8) && !weights.equals(ComputeType.FULL)) {
            throw new UserException(
                    "recipe: augmentation.weights is " + weights + "; give " + ComputeType.FULL + " or " + INT8);
        }
        weights = INT8.equals(weights) ? weights : null;
    }

    /** Augmentation by the model that the settings of the process say. */
    public AugmentationSettings(
            Prompts prompts,
            List<Double> rewriteTemperatures,
            List<Double> pairTemperatures,
            int maxPairs,
            int tries,
            int maxRewriteTokens,
            int maxPairsTokens,
            long seed,
            QuestionSettings questions,
            CheckSettings checks,
            Boolean structured) {
        this(
                prompts,
                rewriteTemperatures,
                pairTemperatures,
                maxPairs,
                tries,
                maxRewriteTokens,
                maxPairsTokens,
                seed,
                questions,
                checks,
                structured,
                null,
                null);
    }

    /** The paper's way: several pairs at once, which are checked least; prompts that come with the program. */
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
                Prompts.of(prompts, null),
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
        PromptSet set = prompts.set();
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
            hash.add("questions").add(questions.forHash()).add(questionsHash());
            if (!set.comesWithTheProgram()) {
                // They are answered in the words that questions are asked in.
                hash.add(set.hash());
            }
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
        return questions == null ? null : prompts.requireQuestions().hash();
    }

    /** With the model that it names where it is, seen from the recipe's file. */
    public AugmentationSettings beside(Path recipe) {
        return model == null
                ? this
                : new AugmentationSettings(
                        prompts,
                        rewriteTemperatures,
                        pairTemperatures,
                        maxPairs,
                        tries,
                        maxRewriteTokens,
                        maxPairsTokens,
                        seed,
                        questions,
                        checks,
                        structured,
                        recipe.resolveSibling(model).normalize(),
                        weights);
    }

    boolean hasFullWeights() {
        return weights == null;
    }

    /** The weights of the model that is named. */
    String namedWeights() {
        return hasFullWeights() ? ComputeType.FULL : weights;
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

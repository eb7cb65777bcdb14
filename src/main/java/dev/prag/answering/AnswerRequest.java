package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.parameterization.WeightRule;
import dev.prag.retrieval.Filter;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;

/**
 * A question and how it is to be answered. What is null comes from the recipe.
 *
 * @param method name of an {@link AnswerMethod}; null is parametric
 * @param topK how many passages are retrieved
 * @param weights name of a weight rule (sum, mean or score)
 * @param maxTokens bound on the answer's length in tokens
 * @param temperature 0 is greedy
 * @param seed decides what is sampled where the temperature isn't 0
 * @param filter which documents are searched, as {@link Filter#of} reads it
 */
@RegisterForReflection
public record AnswerRequest(
        String question,
        String method,
        Integer topK,
        String weights,
        Integer maxTokens,
        Double temperature,
        Long seed,
        Map<String, Object> filter) {
    private static final int MOST_PASSAGES = 100;
    private static final int MOST_TOKENS = 100_000;

    public AnswerRequest {
        if (question == null || question.isBlank()) {
            throw new UserException("question is empty; ask something");
        }
        if (topK != null && (topK < 1 || topK > MOST_PASSAGES)) {
            throw new UserException("topK is " + topK + "; give a number between 1 and " + MOST_PASSAGES);
        }
        if (weights != null) {
            WeightRule.of(weights);
        }
        if (maxTokens != null && (maxTokens < 1 || maxTokens > MOST_TOKENS)) {
            throw new UserException("maxTokens is " + maxTokens + "; give a number between 1 and " + MOST_TOKENS);
        }
        if (temperature != null && !(temperature >= 0 && temperature <= 5)) {
            throw new UserException("temperature is " + temperature + "; give a number between 0 (greedy) and 5");
        }
        Filter.of(filter);
    }

    /** A question about all documents. */
    public AnswerRequest(
            String question,
            String method,
            Integer topK,
            String weights,
            Integer maxTokens,
            Double temperature,
            Long seed) {
        this(question, method, topK, weights, maxTokens, temperature, seed, null);
    }

    Filter toFilter() {
        return Filter.of(filter);
    }

    /** A question with everything else left to the recipe. */
    public static AnswerRequest of(String question, String method) {
        return new AnswerRequest(question, method, null, null, null, null, null);
    }
}

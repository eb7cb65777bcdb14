package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.WeightRule;
import dev.prag.retrieval.Filter;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;

/**
 * A question and how it is to be answered. What is null comes from the recipe.
 *
 * @param method name of a {@link Method}; null is the recipe's, else parametric
 * @param topK how many passages are retrieved
 * @param weights name of a {@link WeightRule}: sum, mean, score or best
 * @param maxTokens bound on the answer's length in tokens
 * @param temperature 0 is greedy
 * @param seed decides what is sampled where the temperature isn't 0
 * @param filter which documents are searched, as {@link Filter#of} reads it
 * @param strength a factor on all weights; 0 is plain RAG
 * @param scope name of a {@link Scope}: over which part of the sequence adapters are in force
 * @param scoreTemperature of the softmax of the rule score
 * @param cutOff share of the largest weight below which an adapter has none
 * @param trace whether the answer tells of its retrievals; null is no
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
        Map<String, Object> filter,
        Double strength,
        String scope,
        Double scoreTemperature,
        Double cutOff,
        Boolean trace) {
    private static final int MOST_TOKENS = 100_000;

    public AnswerRequest {
        if (question == null || question.isBlank()) {
            throw new UserException("question is empty; ask something");
        }
        composing(topK, weights, strength, scope, scoreTemperature, cutOff);
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
        this(question, method, topK, weights, maxTokens, temperature, seed, null, null, null, null, null, null);
    }

    /** A question with everything left to the recipe but how its adapters are composed. */
    public static AnswerRequest of(String question, String method, Composing how, Map<String, Object> filter) {
        return new AnswerRequest(
                question,
                method,
                how.topK(),
                how.weights() == null ? null : how.weights().toString(),
                null,
                null,
                null,
                filter,
                how.strength(),
                how.scope() == null ? null : how.scope().toString(),
                how.scoreTemperature(),
                how.cutOff(),
                null);
    }

    /** The same with an answer of such a length, sampled so; what is null is left to the recipe. */
    public AnswerRequest with(Integer maxTokens, Double temperature, Long seed) {
        return new AnswerRequest(
                question,
                method,
                topK,
                weights,
                maxTokens,
                temperature,
                seed,
                filter,
                strength,
                scope,
                scoreTemperature,
                cutOff,
                trace);
    }

    /** The same, telling of its retrievals or not. */
    public AnswerRequest traced(boolean wanted) {
        return new AnswerRequest(
                question,
                method,
                topK,
                weights,
                maxTokens,
                temperature,
                seed,
                filter,
                strength,
                scope,
                scoreTemperature,
                cutOff,
                wanted);
    }

    /** Whether its answer is told of with its retrievals. */
    public boolean wantsTrace() {
        return Boolean.TRUE.equals(trace);
    }

    /** What it says of how adapters are composed. */
    Composing composing() {
        return composing(topK, weights, strength, scope, scoreTemperature, cutOff);
    }

    private static Composing composing(
            Integer topK, String weights, Double strength, String scope, Double scoreTemperature, Double cutOff) {
        return new Composing(
                topK,
                weights == null ? null : WeightRule.of(weights),
                strength,
                scope == null ? null : Scope.of(scope),
                scoreTemperature,
                cutOff);
    }

    /** What it says of how the answer is written. */
    Writing writing() {
        return Writing.of(temperature == null ? 0 : temperature, seed == null ? 0 : seed);
    }

    Filter toFilter() {
        return Filter.of(filter);
    }

    /** A question with everything else left to the recipe. */
    public static AnswerRequest of(String question, String method) {
        return new AnswerRequest(question, method, null, null, null, null, null);
    }
}

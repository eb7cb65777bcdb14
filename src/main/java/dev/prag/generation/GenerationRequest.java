package dev.prag.generation;

import dev.prag.base.UserException;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import java.util.List;
import java.util.Set;

/**
 * What is to be continued, and how.
 *
 * @param prompt token ids, not empty; copied
 * @param maxNewTokens at least 1; what the context has no room for is not generated
 * @param sampling how tokens are chosen
 * @param stopStrings the text ends before the first of them that appears, wherever the token borders lie
 * @param stopIds end the text beside the model's own end tokens
 * @param ignoreEos go on over the model's own end tokens; {@code stopIds} still end the text
 * @param composition the adapters in force; they must stay resident until the request has ended (see
 *     {@link GenerationEngine#submit(GenerationRequest, TokenListener, Runnable)})
 * @param scope over which part of prompt and continuation they are
 * @param schema what the text has to fit, unless a stop id or a stop string ends it before; null is anything
 * @param topLogprobs how many of the most probable tokens the listener hears of with each token; may be 0
 * @param begun how many tokens at the prompt's end are of the text already, which is gone on with: {@link Scope#ANSWER}
 *     counts from their first
 */
public record GenerationRequest(
        int[] prompt,
        int maxNewTokens,
        Sampling sampling,
        List<String> stopStrings,
        Set<Integer> stopIds,
        boolean ignoreEos,
        Composition composition,
        Scope scope,
        JsonSchema schema,
        int topLogprobs,
        int begun) {

    public GenerationRequest {
        if (prompt.length == 0) {
            throw new UserException("the prompt is empty: give at least one token");
        }
        if (maxNewTokens < 1) {
            throw new UserException("max_new_tokens " + maxNewTokens + ": must be at least 1");
        }
        prompt = prompt.clone();
        stopStrings = List.copyOf(stopStrings);
        stopIds = Set.copyOf(stopIds);
        if (stopStrings.contains("")) {
            throw new UserException("a stop string is empty: leave it out");
        }
        if (begun < 0 || begun >= prompt.length) {
            throw new IllegalArgumentException(
                    begun + " tokens of a text behind a prompt, of " + prompt.length + " in all");
        }
        if (topLogprobs < 0) {
            throw new UserException("top_logprobs " + topLogprobs + ": must be 0 (none) or more");
        }
    }

    /**
     * Checks it against the model.
     *
     * @param vocab ids are below it
     */
    void check(int vocab) {
        checkIds(prompt, vocab);
        if (topLogprobs > vocab) {
            throw new UserException("top_logprobs " + topLogprobs + ": the model has " + vocab + " tokens");
        }
    }

    /** Refuses ids that the model has no embedding for. */
    static void checkIds(int[] ids, int vocab) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocab) {
                throw new UserException("token id " + ids[i] + " at position " + i
                        + " is not in the vocabulary: the model's ids are 0 to " + (vocab - 1));
            }
        }
    }

    /** Any text, with adapters in force over all of it. */
    public GenerationRequest(
            int[] prompt,
            int maxNewTokens,
            Sampling sampling,
            List<String> stopStrings,
            Set<Integer> stopIds,
            boolean ignoreEos,
            Composition composition) {
        this(prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, Scope.PROMPT);
    }

    /** Any text. */
    public GenerationRequest(
            int[] prompt,
            int maxNewTokens,
            Sampling sampling,
            List<String> stopStrings,
            Set<Integer> stopIds,
            boolean ignoreEos,
            Composition composition,
            Scope scope) {
        this(prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, scope, null, 0, 0);
    }

    /** Any text that fits the schema. */
    public GenerationRequest(
            int[] prompt,
            int maxNewTokens,
            Sampling sampling,
            List<String> stopStrings,
            Set<Integer> stopIds,
            boolean ignoreEos,
            Composition composition,
            Scope scope,
            JsonSchema schema) {
        this(prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, scope, schema, 0, 0);
    }

    /** A greedy continuation by the base model, up to the model's own end tokens. */
    public static GenerationRequest greedy(int[] prompt, int maxNewTokens) {
        return new GenerationRequest(
                prompt, maxNewTokens, Sampling.GREEDY, List.of(), Set.of(), false, Composition.NONE);
    }

    public GenerationRequest with(Sampling other) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                other,
                stopStrings,
                stopIds,
                ignoreEos,
                composition,
                scope,
                schema,
                topLogprobs,
                begun);
    }

    public GenerationRequest with(Composition other) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                stopStrings,
                stopIds,
                ignoreEos,
                other,
                scope,
                schema,
                topLogprobs,
                begun);
    }

    public GenerationRequest with(Scope other) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                stopStrings,
                stopIds,
                ignoreEos,
                composition,
                other,
                schema,
                topLogprobs,
                begun);
    }

    public GenerationRequest withStops(List<String> strings, Set<Integer> ids) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                strings,
                ids,
                ignoreEos,
                composition,
                scope,
                schema,
                topLogprobs,
                begun);
    }

    public GenerationRequest ignoringEos() {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                stopStrings,
                stopIds,
                true,
                composition,
                scope,
                schema,
                topLogprobs,
                begun);
    }

    public GenerationRequest with(JsonSchema other) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                stopStrings,
                stopIds,
                ignoreEos,
                composition,
                scope,
                other,
                topLogprobs,
                begun);
    }

    public GenerationRequest withTopLogprobs(int count) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                stopStrings,
                stopIds,
                ignoreEos,
                composition,
                scope,
                schema,
                count,
                begun);
    }

    /** The same of a text that was begun: so many tokens at the prompt's end are its own. */
    public GenerationRequest goingOn(int tokens) {
        return new GenerationRequest(
                prompt,
                maxNewTokens,
                sampling,
                stopStrings,
                stopIds,
                ignoreEos,
                composition,
                scope,
                schema,
                topLogprobs,
                tokens);
    }

    /** The first position that the composition is in force for. */
    int scoped() {
        return composition.isEmpty() ? 0 : scope.from(prompt.length - begun);
    }
}

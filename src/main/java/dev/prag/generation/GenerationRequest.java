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
        JsonSchema schema) {

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
        this(prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, Scope.PROMPT, null);
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
        this(prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, scope, null);
    }

    /** A greedy continuation by the base model, up to the model's own end tokens. */
    public static GenerationRequest greedy(int[] prompt, int maxNewTokens) {
        return new GenerationRequest(
                prompt, maxNewTokens, Sampling.GREEDY, List.of(), Set.of(), false, Composition.NONE);
    }

    public GenerationRequest with(Sampling other) {
        return new GenerationRequest(
                prompt, maxNewTokens, other, stopStrings, stopIds, ignoreEos, composition, scope, schema);
    }

    public GenerationRequest with(Composition other) {
        return new GenerationRequest(
                prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, other, scope, schema);
    }

    public GenerationRequest with(Scope other) {
        return new GenerationRequest(
                prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, other, schema);
    }

    public GenerationRequest withStops(List<String> strings, Set<Integer> ids) {
        return new GenerationRequest(
                prompt, maxNewTokens, sampling, strings, ids, ignoreEos, composition, scope, schema);
    }

    public GenerationRequest ignoringEos() {
        return new GenerationRequest(
                prompt, maxNewTokens, sampling, stopStrings, stopIds, true, composition, scope, schema);
    }

    public GenerationRequest with(JsonSchema other) {
        return new GenerationRequest(
                prompt, maxNewTokens, sampling, stopStrings, stopIds, ignoreEos, composition, scope, other);
    }
}

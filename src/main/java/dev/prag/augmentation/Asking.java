package dev.prag.augmentation;

import dev.langchain4j.data.message.ChatMessage;
import dev.prag.generation.grammar.JsonSchema;
import java.util.List;

/**
 * How the answer to one call is chosen. An AI service's method takes messages only, so this travels beside the call.
 *
 * @param temperature 0 is greedy
 * @param maxTokens bound on the answer's length
 * @param seed of what is sampled
 * @param before turns of the chat before the user's
 * @param start how the answer begins, if it is one line that the local model is to continue; null for a whole answer
 * @param schema what an answer of the local model has to fit; null for any
 */
record Asking(double temperature, int maxTokens, long seed, List<ChatMessage> before, String start, JsonSchema schema) {
    /** A whole answer, of any text, to one turn. */
    Asking(double temperature, int maxTokens, long seed) {
        this(temperature, maxTokens, seed, List.of(), null, null);
    }

    /** By which settings a scope asks: they may name the model. */
    static final ScopedValue<AugmentationSettings> SETTINGS = ScopedValue.newInstance();

    /** In force within the calls of a scope. */
    static final ScopedValue<Asking> CURRENT = ScopedValue.newInstance();
}

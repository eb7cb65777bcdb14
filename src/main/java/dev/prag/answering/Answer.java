package dev.prag.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * What was answered, from what, and how long each step took.
 *
 * @param answer the answer alone
 * @param text all that the model wrote
 * @param finish stop, length or cancelled: whether the model ended by itself
 * @param promptTokens tokens read, in all rounds
 * @param tokens tokens written, in all rounds, with those that were dropped again
 * @param notes what did not go as asked for, in sentences for people
 * @param trace what was retrieved in which order, and why; left out where it isn't asked for
 */
@RegisterForReflection
public record Answer(
        String question,
        String answer,
        String method,
        String text,
        String finish,
        int promptTokens,
        int tokens,
        List<Used> passages,
        Timings timings,
        List<String> notes,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<Retrieval> trace) {
    /** One without a trace. */
    public Answer(
            String question,
            String answer,
            String method,
            String text,
            String finish,
            int promptTokens,
            int tokens,
            List<Used> passages,
            Timings timings,
            List<String> notes) {
        this(question, answer, method, text, finish, promptTokens, tokens, passages, timings, notes, null);
    }

    /** The same without its trace, unless that is wanted. */
    public Answer traced(boolean wanted) {
        return wanted
                ? this
                : new Answer(
                        question, answer, method, text, finish, promptTokens, tokens, passages, timings, notes, null);
    }

    /** How a passage took part. */
    @RegisterForReflection
    public enum Through {
        /** Its adapter was in force; with the method combined it stood in the prompt, too. */
        @JsonProperty("adapter")
        ADAPTER,
        /** It stood in the prompt. */
        @JsonProperty("prompt")
        PROMPT
    }

    /**
     * A passage that the answer rests on.
     *
     * @param id of the passage
     * @param title of its document
     * @param page of its document that it begins on, from 1; left out where there are no pages
     * @param weight of its adapter in the composition; null where none was in force
     * @param score of the retrieval
     * @param withoutAdapter why its adapter isn't in force, where the method asked for it; else left out
     */
    @RegisterForReflection
    public record Used(
            String id,
            String title,
            String text,
            @JsonInclude(JsonInclude.Include.NON_NULL) Integer page,
            Double weight,
            double score,
            Through through,
            @JsonInclude(JsonInclude.Include.NON_NULL) WithoutAdapter withoutAdapter) {}

    /**
     * Milliseconds.
     *
     * @param retrieve finding the passages
     * @param compose bringing their adapters into the model
     * @param firstToken from submitting the prompt to the first token
     * @param generate from submitting the prompt to the last token
     * @param total all of it
     */
    @RegisterForReflection
    public record Timings(double retrieve, double compose, double firstToken, double generate, double total) {}
}

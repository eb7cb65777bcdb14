package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A question that a passage answers.
 *
 * @param answer in a few words
 * @param fullAnswer as a sentence
 * @param kind what it asks for, by its name in recipes; null where pairs were made several at once, or people gave it. {@code cloze} is a sentence with a
 *     word that asks in the place of the answer, {@code reading} a question whose answer is what the model read, and not what
 *     was asked for
 * @param paraphraseOf the question of another pair of the same augmentation, letter for letter, which this one says in
 *     other words; its answer is the same. Null for a question of its own
 */
@RegisterForReflection
public record Pair(
        String question,
        String answer,
        String fullAnswer,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        String kind,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        String paraphraseOf) {
    static final String READING = "reading";

    /** A question of its own, of no kind. */
    public Pair(String question, String answer, String fullAnswer) {
        this(question, answer, fullAnswer, null, null);
    }
}

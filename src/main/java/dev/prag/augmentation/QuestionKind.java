package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;

/**
 * What a question asks for. A {@link #FACT}'s answer is chosen from the passage before the question is written; of the
 * other kinds the model writes the question first and answers it with the passage before it.
 */
@RegisterForReflection
public enum QuestionKind {
    /** A piece of a sentence, such as a number, a name or a thing. */
    @JsonProperty("fact")
    FACT(true),
    /** What a sentence says, where no piece of it makes a good answer. */
    @JsonProperty("statement")
    STATEMENT(true),
    /** A reason. */
    @JsonProperty("why")
    WHY(true),
    /** How something is done or works. */
    @JsonProperty("how")
    HOW(true),
    /** What tells two things apart. */
    @JsonProperty("compare")
    COMPARE(false),
    /** All things of a sort. */
    @JsonProperty("list")
    LIST(false),
    /** What the passage says, in a sentence or two. */
    @JsonProperty("summary")
    SUMMARY(false);

    private final boolean ofSentence;

    QuestionKind(boolean ofSentence) {
        this.ofSentence = ofSentence;
    }

    /** Whether it is asked about one sentence, or about the passage. */
    boolean isOfSentence() {
        return ofSentence;
    }

    /** Its name in recipes. */
    public String inRecipes() {
        return name().toLowerCase(Locale.ROOT);
    }
}

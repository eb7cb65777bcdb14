package dev.prag.lora;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.base.UserException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Over which part of a sequence a composition is in force. */
public enum Scope {
    /** All of it, as in the method's paper. */
    @JsonProperty("prompt")
    PROMPT,
    /**
     * From the last token of the prompt on, from which the first token of the answer is chosen. The keys and values of
     * what stands before are the base model's, whatever the composition.
     */
    @JsonProperty("answer")
    ANSWER;

    /**
     * The scope of that name, in any case.
     *
     * @throws UserException if there is none
     */
    public static Scope of(String name) {
        return Arrays.stream(values())
                .filter(scope -> scope.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new UserException("scope " + name + ": there is no such scope; choose one of "
                        + Arrays.stream(values()).map(Scope::toString).collect(Collectors.joining(", "))));
    }

    /** The first position that the composition is in force for, behind a prompt of so many tokens. */
    public int from(int promptTokens) {
        return this == PROMPT ? 0 : Math.max(0, promptTokens - 1);
    }

    /** The name, in lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

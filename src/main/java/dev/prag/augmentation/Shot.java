package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * A worked example of a prompt set ("few-shot"): a question that was answered.
 *
 * @param fullAnswer the answer as a sentence, or with the reasoning that leads to it; null for the answer
 * @param passages that stand above the question; null for none
 */
@RegisterForReflection
public record Shot(
        @JsonProperty(required = true) String question,
        @JsonProperty(required = true) String answer,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        String fullAnswer,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonSetter(nulls = Nulls.SET)
        List<String> passages) {
    public Shot {
        passages = passages == null ? List.of() : List.copyOf(passages);
    }

    Pair pair() {
        return new Pair(question, answer, fullAnswer == null ? answer : fullAnswer);
    }
}

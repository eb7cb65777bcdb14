package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.answering.Answer;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Tokens of the prompt, with the passages in it, and of the answer. */
@RegisterForReflection
@Schema(name = "OpenAiUsage")
public record Usage(
        @JsonProperty("prompt_tokens") int promptTokens,
        @JsonProperty("completion_tokens") int completionTokens,
        @JsonProperty("total_tokens") int totalTokens) {
    static Usage of(Answer answer) {
        return new Usage(answer.promptTokens(), answer.tokens(), answer.promptTokens() + answer.tokens());
    }
}

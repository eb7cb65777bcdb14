package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Tokens of a turn with their natural log-probabilities, before temperature. */
@RegisterForReflection
@Schema(name = "OpenAiLogprobs")
public record TokenLogprobs(List<Token> content) {
    /**
     * A token.
     *
     * @param bytes of UTF-8: a token may be part of a character
     * @param topLogprobs the most probable tokens at its place
     */
    @RegisterForReflection
    @Schema(name = "OpenAiToken")
    public record Token(
            String token,
            double logprob,
            List<Integer> bytes,
            @JsonProperty("top_logprobs") List<Top> topLogprobs) {}

    /** One of the most probable tokens. */
    @RegisterForReflection
    @Schema(name = "OpenAiTopToken")
    public record Top(String token, double logprob, List<Integer> bytes) {}
}

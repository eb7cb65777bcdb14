package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a text goes on with, or in a stream a chunk of it; fields as in {@link ChatCompletion}.
 *
 * @param object text_completion
 */
@RegisterForReflection
@Schema(name = "OpenAiTextCompletion")
public record TextCompletion(
        String id,
        String object,
        long created,
        String model,
        @JsonProperty("system_fingerprint") String systemFingerprint,
        List<Choice> choices,
        @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage,
        @JsonInclude(JsonInclude.Include.NON_NULL) PragAnswer prag) {
    /** The only choice. */
    @RegisterForReflection
    @Schema(name = "OpenAiTextChoice")
    public record Choice(
            int index,
            String text,
            Logprobs logprobs,
            @JsonProperty("finish_reason") String finishReason) {}

    /**
     * Tokens of the text.
     *
     * @param topLogprobs the most probable tokens at each place
     * @param textOffset where each token begins, in characters of the whole text
     */
    @RegisterForReflection
    @Schema(name = "OpenAiTextLogprobs")
    public record Logprobs(
            List<String> tokens,
            @JsonProperty("token_logprobs") List<Double> tokenLogprobs,
            @JsonProperty("top_logprobs") List<Map<String, Double>> topLogprobs,
            @JsonProperty("text_offset") List<Integer> textOffset) {}
}

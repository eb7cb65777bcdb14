package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.answering.Writing;
import dev.prag.rest.FieldException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A text to be continued. Fields of other names are passed over; null is as good as nothing.
 *
 * @param model as {@code GET /v1/models} names it
 * @param prompt a string, or a list of one
 * @param maxTokens bound on the continuation; 16 by default where the model answers alone
 * @param logprobs how many of the most probable tokens are told of with each token
 * @param prag how the question that the prompt is, is answered from documents
 */
@RegisterForReflection
@Schema(name = "OpenAiCompletionRequest")
public record CompletionRequest(
        @Schema(required = true) String model,

        @Schema(
                required = true,
                oneOf = {String.class, String[].class})
        Object prompt,

        Double temperature,
        @JsonProperty("top_p") Double topP,
        @JsonProperty("max_tokens") Integer maxTokens,
        @Schema(oneOf = {String.class, String[].class}) Object stop,
        Long seed,
        Integer logprobs,
        @JsonProperty("frequency_penalty") Double frequencyPenalty,
        @JsonProperty("presence_penalty") Double presencePenalty,
        Integer n,
        String user,
        Boolean stream,
        @JsonProperty("stream_options") StreamOptions streamOptions,
        PragOptions prag,
        @JsonProperty("best_of") @Schema(hidden = true) Integer bestOf,
        @Schema(hidden = true) Boolean echo,
        @Schema(hidden = true) String suffix,
        @JsonProperty("logit_bias") @Schema(hidden = true) Map<String, Double> logitBias) {
    /** What OpenAI's API has. */
    private static final int DEFAULT_TOKENS = 16;

    /** Refuses what isn't supported, naming the field. */
    void check() {
        Neutral.requireNoBias(logitBias, "logit_bias");
        Neutral.require(frequencyPenalty, 0, "frequency_penalty");
        Neutral.require(presencePenalty, 0, "presence_penalty");
        Neutral.require(n, 1, "n");
        Neutral.require(bestOf, 1, "best_of");
        Neutral.require(echo, "echo");
        if (suffix != null && !suffix.isEmpty()) {
            throw new FieldException("suffix is not supported; leave it out", "suffix");
        }
        text();
        writing();
        most();
    }

    boolean streams() {
        return Boolean.TRUE.equals(stream);
    }

    /** The bound that is given; null is none. */
    Integer most() {
        return WritingFields.maxTokens(maxTokens, null);
    }

    /** The bound where the model answers alone. */
    int mostAlone(PragOptions options) {
        Integer most = options.bound(most());
        return most == null ? DEFAULT_TOKENS : most;
    }

    Writing writing() {
        return WritingFields.writing(temperature, topP, seed, stop, null, WritingFields.top(logprobs, "logprobs"));
    }

    /** The prompt's text. */
    String text() {
        Object only = prompt instanceof List<?> list && list.size() == 1 ? list.getFirst() : prompt;
        if (only instanceof String text) {
            if (text.isEmpty()) {
                throw new FieldException("prompt is empty; give a text", "prompt");
            }
            return text;
        }
        throw new FieldException(
                prompt == null ? "prompt is missing; give a text" : "prompt is supported as one text alone", "prompt");
    }
}

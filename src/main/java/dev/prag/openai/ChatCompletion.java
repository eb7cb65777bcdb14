package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The next turn of a chat, or in a stream a chunk of it.
 *
 * @param object chat.completion, or chat.completion.chunk
 * @param created seconds since 1970
 * @param usage in a stream null, and only with the last chunk where it is asked for
 * @param prag what the answer rests on; in a stream only with the last chunk that has a choice
 */
@RegisterForReflection
@Schema(name = "OpenAiChatCompletion")
public record ChatCompletion(
        String id,
        String object,
        long created,
        String model,
        @JsonProperty("system_fingerprint") String systemFingerprint,
        List<Choice> choices,
        @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage,
        @JsonInclude(JsonInclude.Include.NON_NULL) PragAnswer prag) {
    /**
     * The only choice.
     *
     * @param message the whole turn; not in a stream
     * @param delta what comes next of the turn; only in a stream
     * @param finishReason stop or length; null before the end of a stream
     */
    @RegisterForReflection
    @Schema(name = "OpenAiChatChoice")
    public record Choice(
            int index,
            @JsonInclude(JsonInclude.Include.NON_NULL) Turn message,
            @JsonInclude(JsonInclude.Include.NON_NULL) Delta delta,
            TokenLogprobs logprobs,
            @JsonProperty("finish_reason") String finishReason) {}

    /** A whole turn. */
    @RegisterForReflection
    @Schema(name = "OpenAiChatTurn")
    public record Turn(String role, String content, String refusal) {}

    /** What comes next of a turn. */
    @RegisterForReflection
    @Schema(name = "OpenAiChatDelta")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Delta(String role, String content) {}
}

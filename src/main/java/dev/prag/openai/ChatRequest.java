package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.answering.Chat;
import dev.prag.answering.Writing;
import dev.prag.rest.FieldException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A chat to be continued. Fields of other names are passed over; null is as good as nothing.
 *
 * @param model as {@code GET /v1/models} names it
 * @param temperature 0 (the default) is greedy
 * @param maxCompletionTokens bound on the answer; counts where both bounds are given
 * @param stop a string or a list of strings, before the first of which the text ends
 * @param seed the same seed gives the same answer; another one each time where there is none
 * @param frequencyPenalty 0
 * @param presencePenalty 0
 * @param n 1
 * @param prag how the question is answered from documents
 */
@RegisterForReflection
@Schema(name = "OpenAiChatRequest")
public record ChatRequest(
        @Schema(required = true) String model,
        @Schema(required = true) List<Message> messages,
        Double temperature,
        @JsonProperty("top_p") Double topP,
        @JsonProperty("max_tokens") Integer maxTokens,
        @JsonProperty("max_completion_tokens") Integer maxCompletionTokens,
        @Schema(oneOf = {String.class, String[].class}) Object stop,
        Long seed,
        Boolean logprobs,
        @JsonProperty("top_logprobs") Integer topLogprobs,
        @JsonProperty("frequency_penalty") Double frequencyPenalty,
        @JsonProperty("presence_penalty") Double presencePenalty,
        Integer n,
        String user,
        Boolean stream,
        @JsonProperty("stream_options") StreamOptions streamOptions,
        @JsonProperty("response_format") ResponseFormat responseFormat,
        PragOptions prag,
        @Schema(hidden = true) Object tools,
        @JsonProperty("tool_choice") @Schema(hidden = true) Object toolChoice,
        @Schema(hidden = true) Object functions,

        @JsonProperty("function_call") @Schema(hidden = true)
        Object functionCall,

        @JsonProperty("logit_bias") @Schema(hidden = true) Map<String, Double> logitBias,
        @Schema(hidden = true) List<String> modalities,
        @Schema(hidden = true) Object audio,

        @JsonProperty("web_search_options") @Schema(hidden = true, type = SchemaType.OBJECT)
        Object webSearchOptions) {
    private static final List<String> NO_TOOL = List.of("none", "auto");

    /** Refuses what isn't supported, naming the field. */
    void check() {
        Neutral.require(tools, "tools");
        Neutral.require(toolChoice, "tool_choice", NO_TOOL);
        Neutral.require(functions, "functions");
        Neutral.require(functionCall, "function_call", NO_TOOL);
        Neutral.requireNoBias(logitBias, "logit_bias");
        Neutral.require(frequencyPenalty, 0, "frequency_penalty");
        Neutral.require(presencePenalty, 0, "presence_penalty");
        Neutral.require(n, 1, "n");
        Neutral.require(audio, "audio");
        if (modalities != null) {
            modalities.forEach(modality -> Neutral.require(modality, "modalities", List.of("text")));
        }
        if (webSearchOptions != null) {
            throw new FieldException("web_search_options is not supported; leave it out", "web_search_options");
        }
        if (topLogprobs != null && topLogprobs > 0 && !wantsLogprobs()) {
            throw new FieldException("top_logprobs needs logprobs to be true", "top_logprobs");
        }
        turns();
        writing();
        most();
    }

    boolean streams() {
        return Boolean.TRUE.equals(stream);
    }

    boolean wantsLogprobs() {
        return Boolean.TRUE.equals(logprobs);
    }

    Integer most() {
        return WritingFields.maxTokens(maxTokens, maxCompletionTokens);
    }

    Writing writing() {
        return WritingFields.writing(
                temperature,
                topP,
                seed,
                stop,
                ResponseFormat.schema(responseFormat),
                WritingFields.top(topLogprobs, "top_logprobs"));
    }

    /** The messages as turns of a chat. */
    List<Map<String, Object>> turns() {
        if (messages == null || messages.isEmpty()) {
            throw new FieldException("messages is empty; give at least one message", "messages");
        }
        List<Map<String, Object>> turns = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            String at = "messages[" + i + "]";
            if (messages.get(i) == null) {
                throw new FieldException(at + " is null; give an object with the fields role and content", at);
            }
            turns.add(messages.get(i).turn(at));
        }
        return turns;
    }

    /**
     * A question among the turns around it.
     *
     * @param text of the question
     */
    record Asked(String text, Chat chat) {}

    /**
     * The last message of the user's, which passages are retrieved for.
     *
     * @param rewritten as {@link Chat} has it
     * @throws FieldException if there is none, or it is empty
     */
    Asked question(boolean rewritten) {
        List<Map<String, Object>> turns = turns();
        for (int i = turns.size() - 1; i >= 0; i--) {
            if ("user".equals(turns.get(i).get("role"))) {
                String text = turns.get(i).get("content").toString();
                if (text.isBlank()) {
                    throw new FieldException("messages[" + i + "].content is empty; ask something", "messages");
                }
                return new Asked(text, new Chat(turns.subList(0, i), turns.subList(i + 1, turns.size()), rewritten));
            }
        }
        throw new FieldException(
                "messages has none of the user's, which passages could be retrieved for; ask something", "messages");
    }
}

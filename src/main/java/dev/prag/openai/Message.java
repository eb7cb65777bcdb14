package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.rest.FieldException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A message of a chat.
 *
 * @param role system, developer (the same), user or assistant
 * @param content a string, or a list of parts of the type text
 */
@RegisterForReflection
@Schema(name = "OpenAiMessage")
public record Message(
        String role,
        @Schema(oneOf = {String.class, Part[].class}) Object content,
        @JsonProperty("tool_calls") @Schema(hidden = true) Object toolCalls,

        @JsonProperty("function_call") @Schema(hidden = true)
        Object functionCall) {
    /** A part of a message. */
    @RegisterForReflection
    @Schema(name = "OpenAiTextPart")
    public record Part(String type, String text) {}

    /**
     * The message as a turn that chat templates take.
     *
     * @param at its place, as {@code messages[0]}
     */
    Map<String, Object> turn(String at) {
        String known =
                switch (role) {
                    case "system", "developer" -> "system";
                    case "user", "assistant" -> role;
                    case null -> throw new FieldException(at + ".role is missing", at + ".role");
                    default ->
                        throw new FieldException(
                                at + ".role \"" + role
                                        + "\" is not supported; give system, developer, user or assistant",
                                at + ".role");
                };
        Neutral.require(toolCalls, at + ".tool_calls");
        Neutral.require(functionCall, at + ".function_call");
        return Map.of("role", known, "content", text(at + ".content"));
    }

    private String text(String at) {
        return switch (content) {
            case String text -> text;
            case List<?> parts -> {
                List<String> texts = new ArrayList<>();
                for (int i = 0; i < parts.size(); i++) {
                    texts.add(part(parts.get(i), at + "[" + i + "]"));
                }
                yield String.join("\n", texts);
            }
            case null -> {
                if ("assistant".equals(role)) {
                    yield "";
                }
                throw new FieldException(at + " is missing; give a string", at);
            }
            default -> throw new FieldException(at + " is neither a string nor a list of parts", at);
        };
    }

    private static String part(Object part, String at) {
        if (!(part instanceof Map<?, ?> fields)) {
            throw new FieldException(at + " is not an object with the fields type and text", at);
        }
        if (!"text".equals(fields.get("type"))) {
            throw new FieldException(
                    at + ".type \"" + fields.get("type") + "\" is not supported; give parts of the type text",
                    at + ".type");
        }
        if (!(fields.get("text") instanceof String text)) {
            throw new FieldException(at + ".text is not a string", at + ".text");
        }
        return text;
    }
}

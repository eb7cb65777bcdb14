package dev.prag.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An error as OpenAI's API has it: an object with one field, {@code error}. */
@RegisterForReflection
public record OpenAiError(@JsonProperty("error") Detail error) {
    /**
     * What went wrong.
     *
     * @param message the cause and the remedy
     * @param type what kind it is, such as {@code invalid_request_error}
     * @param param the field at fault, such as {@code messages[0].content}; null where it is none
     * @param code a word for programs, such as {@code model_not_found}; null where the type says all
     */
    @RegisterForReflection
    @Schema(name = "OpenAiErrorDetail")
    public record Detail(String message, String type, String param, String code) {}
}

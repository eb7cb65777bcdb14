package dev.prag.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a stream holds beside its text.
 *
 * @param includeUsage whether a chunk without choices at the end tells of tokens
 */
@RegisterForReflection
@Schema(name = "OpenAiStreamOptions")
public record StreamOptions(@JsonProperty("include_usage") Boolean includeUsage) {
    /** Whether these ask for the tokens used; null doesn't. */
    static boolean usage(StreamOptions options) {
        return options != null && Boolean.TRUE.equals(options.includeUsage());
    }
}

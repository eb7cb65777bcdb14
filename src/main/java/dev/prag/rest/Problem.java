package dev.prag.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/**
 * An error as RFC 9457 describes it.
 *
 * @param type about:blank: the status says what kind it is
 * @param title the status in words
 * @param detail the cause and the remedy
 * @param instance the path that was asked for
 * @param requestId of the request, as the server's log has it; null where there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@RegisterForReflection
public record Problem(String type, String title, int status, String detail, String instance, String requestId) {
    /** The media type of a problem. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A problem of that status. */
    public static Problem of(int status, String detail, String instance) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? (status == 422 ? "Unprocessable Content" : "Error") : known.getReasonPhrase();
        return new Problem("about:blank", title, status, detail, instance, RequestIds.current());
    }

    Response toResponse() {
        if (OpenAiErrors.concern(instance)) {
            return OpenAiErrors.response(status, OpenAiErrors.of(status, detail));
        }
        return Response.status(status)
                .header(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                .entity(this)
                .build();
    }
}

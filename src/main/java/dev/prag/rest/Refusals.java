package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** Answers requests with errors before a resource is reached, in the shape that is expected at their path. */
final class Refusals {
    private static final JsonMapper JSON = new JsonMapper();

    private Refusals() {}

    static void write(RoutingContext request, int status, String detail) {
        if (OpenAiErrors.concern(request.normalizedPath())) {
            OpenAiErrors.write(request, status, detail);
            return;
        }
        try {
            byte[] body = JSON.writeValueAsBytes(
                    Problem.of(status, detail, request.request().path()));
            request.response()
                    .setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                    .end(Buffer.buffer(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}

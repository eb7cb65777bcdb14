package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.UserException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Errors below {@code /v1/}, where clients of OpenAI's API ask: in the shape that those know. */
public final class OpenAiErrors {
    private static final String ROOT = "/v1";
    private static final JsonMapper JSON = new JsonMapper();

    private OpenAiErrors() {}

    /** Whether errors at that path have this shape. */
    public static boolean concern(String path) {
        return path != null && path.startsWith(ROOT) && (path.length() == ROOT.length() || path.charAt(3) == '/');
    }

    /** An error of that status; kind and code are those that OpenAI's clients expect with it. */
    public static OpenAiError of(int status, String message) {
        return of(status, message, null, code(status));
    }

    /**
     * An error of that status.
     *
     * @param param the field at fault; may be null
     * @param code may be null
     */
    public static OpenAiError of(int status, String message, String param, String code) {
        return new OpenAiError(new OpenAiError.Detail(message, type(status), param, code));
    }

    /** What an error of the user's, or of the machine, is to the client; details of the machine are for the log. */
    public static OpenAiError of(UserException e, String path) {
        Problem problem = Problems.of(e, path);
        return e instanceof FieldException field
                ? of(problem.status(), problem.detail(), field.field(), field.code())
                : of(problem.status(), problem.detail());
    }

    /** What is said of a failure that is not the request's. */
    public static OpenAiError ours() {
        return of(500, Problems.OURS);
    }

    /** Answers a request with an error. */
    public static void write(RoutingContext request, int status, String message) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON)
                .end(Buffer.buffer(json(of(status, message))));
    }

    /** The error as JSON. */
    public static String json(OpenAiError error) {
        try {
            return JSON.writeValueAsString(error);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static Response response(int status, OpenAiError error) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(error)
                .build();
    }

    /** The response that an error of the user's is. */
    static Response response(UserException e, String path) {
        return response(Problems.status(e), of(e, path));
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }

    private static String code(int status) {
        return switch (status) {
            case 401 -> "invalid_api_key";
            case 429 -> "rate_limit_exceeded";
            case 503 -> "service_unavailable";
            default -> null;
        };
    }
}

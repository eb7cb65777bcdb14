package dev.prag.rest;

import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseTrouble;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every exception that reaches the edge into a {@link Problem}, or below {@code /v1/} into an {@link OpenAiError}. */
public final class Problems {
    /** What is said of a failure that is not the request's. */
    static final String OURS = "something went wrong here, not in the request; the server's log says what";

    /** What is said where something here is out of order: paths and addresses are for the log. */
    static final String OUT_OF_ORDER =
            "something that this server needs is out of order, such as its disk or its database; its log says what";

    private static final int UNAVAILABLE = 503;
    /** When to ask again where the database has gone away, in seconds. */
    private static final int SOON = 5;

    private static final Logger LOG = Logger.getLogger(Problems.class);

    @ServerExceptionMapper
    Response user(UserException e, UriInfo uri) {
        return OpenAiErrors.concern(uri.getPath())
                ? OpenAiErrors.response(e, uri.getPath())
                : of(e, uri.getPath()).toResponse();
    }

    @ServerExceptionMapper
    Response busy(BusyException e, UriInfo uri) {
        return retried(user(e, uri), Math.max(1, e.retryAfter().toSeconds()));
    }

    private static Response retried(Response response, long seconds) {
        return Response.fromResponse(response)
                .header(HttpHeaders.RETRY_AFTER, seconds)
                .build();
    }

    /** The problem that an error of the user's, or of the machine, is to the client. */
    static Problem of(UserException e, String path) {
        if (e.kind() == UserException.Kind.ENVIRONMENT && !(e instanceof BusyException)) {
            LOG.errorf(e, "%s failed: %s", path, e.getMessage());
            return Problem.of(UNAVAILABLE, OUT_OF_ORDER, path);
        }
        return Problem.of(status(e), e.getMessage(), path);
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e, UriInfo uri) {
        int status = e.getResponse().getStatus();
        String detail =
                switch (status) {
                    case 404 -> "nothing is at " + uri.getPath() + "; GET /q/openapi lists what there is";
                    case 405 -> "this method is not offered at " + uri.getPath() + "; GET /q/openapi lists what is";
                    case 406 -> "nothing at " + uri.getPath() + " is of a type that the Accept header names";
                    case 415 ->
                        "the request's Content-Type is not understood at " + uri.getPath()
                                + "; GET /q/openapi lists those that are";
                    default -> status < 500 ? e.getMessage() : OURS;
                };
        Response response = Problem.of(status, detail, uri.getPath()).toResponse();
        Object allow = e.getResponse().getHeaderString(HttpHeaders.ALLOW);
        return allow == null
                ? response
                : Response.fromResponse(response)
                        .header(HttpHeaders.ALLOW, allow)
                        .build();
    }

    @ServerExceptionMapper
    Response other(Throwable e, UriInfo uri) {
        LOG.errorf(e, "%s failed", uri.getPath());
        if (DatabaseTrouble.isGone(e)) {
            return retried(Problem.of(UNAVAILABLE, OUT_OF_ORDER, uri.getPath()).toResponse(), SOON);
        }
        return Problem.of(500, OURS, uri.getPath()).toResponse();
    }

    /** The HTTP status that fits. */
    static int status(UserException e) {
        return switch (e.kind()) {
            case BAD_INPUT -> 400;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case TOO_LARGE -> 413;
            case ENVIRONMENT -> 503;
        };
    }
}

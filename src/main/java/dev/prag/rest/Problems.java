package dev.prag.rest;

import dev.prag.base.UserException;
import dev.prag.generation.EngineBusyException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every exception that reaches the edge into a {@link Problem}. */
public final class Problems {
    /** What is said of a failure that is not the request's. */
    static final String OURS = "something went wrong here, not in the request; the server's log says what";

    private static final Logger LOG = Logger.getLogger(Problems.class);

    @ServerExceptionMapper
    Response user(UserException e, UriInfo uri) {
        return Problem.of(status(e), e.getMessage(), uri.getPath()).toResponse();
    }

    @ServerExceptionMapper
    Response busy(EngineBusyException e, UriInfo uri) {
        Response response = Problem.of(503, e.getMessage(), uri.getPath()).toResponse();
        return Response.fromResponse(response)
                .header(HttpHeaders.RETRY_AFTER, Math.max(1, e.retryAfter().toSeconds()))
                .build();
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
                    default -> e.getMessage();
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

package dev.prag.rest;

import dev.prag.base.UserException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Sees every request first. Refuses as problems what would else be refused below the resources without a word, lets
 * those wait that come before the model is there, takes nothing new once the service ends, and notices when a request is over, answered or abandoned.
 */
@ApplicationScoped
public class RequestGate {
    private static final int TOO_LARGE = 413;
    /** When to ask again, in seconds. */
    private static final String SOON = "5";

    private static final int FIRST = 10_000;
    private static final String ENDED = RequestGate.class.getName() + ".ended";

    private final BodyBudget budget;
    private final Sites sites;
    private final Opening opening;
    private final Closing closing;
    private final ProcessRole role;

    @Inject
    RequestGate(
            BodyBudget budget,
            Sites sites,
            Opening opening,
            Closing closing,
            @ConfigProperty(name = ProcessRole.SETTING) Optional<ProcessRole> role) {
        this.budget = budget;
        this.sites = sites;
        this.opening = opening;
        this.closing = closing;
        this.role = role.orElse(ProcessRole.SERVE);
    }

    /** Completes when the response has gone out or the client has gone away. */
    public static CompletableFuture<Void> ended(RoutingContext request) {
        return request.get(ENDED);
    }

    void guard(@Observes Filters filters) {
        filters.register(this::admit, FIRST);
    }

    private void admit(RoutingContext request) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        request.put(ENDED, ended);
        request.addHeadersEndHandler(begin -> {
            if (request.response().getStatusCode() == TOO_LARGE) {
                // A client that isn't told may send its next request into a connection that is being closed.
                request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
        });
        request.addEndHandler(done -> {
            ended.complete(null);
            if (request.response().getStatusCode() == TOO_LARGE) {
                // What is left of the body is not worth reading.
                request.request().connection().close();
            }
        });
        HttpServerRequest http = request.request();
        Optional<String> stranger = sites.refusal(new Sites.Request(
                http.method().name(),
                http.getHeader(HttpHeaders.HOST),
                http.getHeader(HttpHeaders.ORIGIN),
                http.getHeader("Sec-Fetch-Site"),
                http.getHeader("Sec-Fetch-Mode")));
        if (stranger.isPresent()) {
            Refusals.write(request, 403, stranger.get());
            return;
        }
        String path = request.normalizedPath();
        if (!role.answers() && !path.equals("/q/metrics") && !path.startsWith("/q/health")) {
            Refusals.write(request, 404, "this process doesn't answer; it has /q/health and /q/metrics");
            return;
        }
        String declared = http.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (declared != null && Long.parseLong(declared) > budget.mostBytes()) {
            Refusals.write(request, TOO_LARGE, budget.tooLarge().getMessage());
        } else if (!isMediaType(http.getHeader(HttpHeaders.CONTENT_TYPE))) {
            Refusals.write(
                    request, 415, "the request's Content-Type is no media type; send one such as application/json");
        } else if (!areMediaTypes(http.headers().getAll(HttpHeaders.ACCEPT))) {
            Refusals.write(
                    request,
                    400,
                    "the request's Accept header holds no media types; send one such as application/json");
        } else {
            admitEncoded(request, http.headers().getAll(HttpHeaders.CONTENT_ENCODING));
        }
    }

    private void admitEncoded(RoutingContext request, List<String> encodings) {
        try {
            ContentEncoding.of(encodings.isEmpty() ? null : String.join(", ", encodings));
        } catch (UserException e) {
            request.response().putHeader(HttpHeaders.ACCEPT_ENCODING, ContentEncoding.TAKEN);
            Refusals.write(request, 415, e.getMessage());
            return;
        }
        String path = request.normalizedPath();
        if (path.startsWith("/q/")) {
            request.next();
        } else if (closing.refuses()) {
            request.response().putHeader(HttpHeaders.RETRY_AFTER, SOON);
            Refusals.write(request, 503, "the service is being stopped; try again in " + SOON + " s");
        } else if (opening.isDone() || PageFiles.isPage(path)) {
            request.next();
        } else {
            opening.await(request, () -> {
                request.response().putHeader(HttpHeaders.RETRY_AFTER, SOON);
                Refusals.write(request, 503, "the model is still being loaded; try again in " + SOON + " s");
            });
        }
    }

    private static boolean areMediaTypes(List<String> headers) {
        return headers.stream().flatMap(header -> Stream.of(header.split(","))).allMatch(RequestGate::isMediaType);
    }

    private static boolean isMediaType(String header) {
        if (header == null || header.isBlank()) {
            return true;
        }
        try {
            MediaType.valueOf(header.strip());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

package dev.prag.rest;

import io.opentelemetry.context.Context;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * Gives each request an id: what the client sent as {@value #HEADER}, or a new one. The response's header, the problem
 * that an error is, and every line of the log that the request causes carry it.
 */
@ApplicationScoped
public class RequestIds {
    /** Header of requests and responses. */
    public static final String HEADER = "X-Request-Id";

    private static final String KEY = "requestId";
    /** Before everything that may refuse a request, which is then said with its id. */
    private static final int BEFORE_ALL = 20_000;
    /** What a client may call its request: nothing that could forge lines of a log. */
    private static final Pattern TAKEN = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    void register(@Observes Filters filters) {
        filters.register(RequestIds::name, BEFORE_ALL);
    }

    private static void name(RoutingContext request) {
        String sent = request.request().getHeader(HEADER);
        String id = sent != null && TAKEN.matcher(sent).matches()
                ? sent
                : UUID.randomUUID().toString();
        request.put(KEY, id);
        request.response().putHeader(HEADER, id);
        MDC.put(KEY, id);
        request.next();
    }

    /** The id of that request. */
    public static String of(RoutingContext request) {
        return request.get(KEY);
    }

    /** The id of the request that this thread works for; null if it works for none. */
    public static String current() {
        return (String) MDC.get(KEY);
    }

    /** Starts a thread that works for this request, and in its trace, on its own. */
    public static void startThread(String id, Runnable work) {
        Runnable traced = Context.current().wrap(work);
        Thread.startVirtualThread(() -> {
            MDC.put(KEY, id);
            traced.run();
        });
    }
}

package dev.prag.rest;

import dev.prag.base.Hashes;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The headers that the page comes with. Each of its files is known by the hash of its content, and a browser asks each
 * time whether it has changed, so that an update is seen at once and nothing is sent twice. What a browser may do with
 * any answer of the service is the least that the page needs: no script, style or connection but the service's own.
 */
@ApplicationScoped
public class PageFiles {
    /** Behind the step that knows about origins (300), before those that know about logins (200). */
    private static final int AFTER_ORIGINS = 250;

    private static final String FOLDER = "/page/";
    private static final String COMPONENT = "/prag-ask.js";
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /** By path; only of files that are there, so it is as large as the page. */
    private final ConcurrentMap<String, String> tags = new ConcurrentHashMap<>();

    void addHeaders(@Observes Filters filters) {
        filters.register(this::handle, AFTER_ORIGINS);
    }

    /** Whether this path is one of the page's files: those need neither model nor login. */
    static boolean isPage(String path) {
        return path.equals("/") || path.equals("/index.html") || path.equals(COMPONENT) || path.startsWith(FOLDER);
    }

    private void handle(RoutingContext request) {
        String path = request.normalizedPath();
        if (path.startsWith("/q/")) {
            request.next();
            return;
        }
        MultiMap headers = request.response().headers();
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        HttpMethod method = request.request().method();
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        Optional<String> tag = reads && isPage(path) ? tag(path) : Optional.empty();
        if (tag.isPresent()) {
            headers.set(HttpHeaders.ETAG, tag.get());
            headers.set(HttpHeaders.CACHE_CONTROL, "no-cache");
            headers.set(HttpHeaders.VARY, "Origin");
            if (tag.get().equals(request.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
                request.response().setStatusCode(304).end();
                return;
            }
        }
        request.next();
    }

    private Optional<String> tag(String path) {
        return Optional.ofNullable(
                tags.computeIfAbsent(path.equals("/") ? "/index.html" : path, PageFiles::hashOfResource));
    }

    private static String hashOfResource(String path) {
        try (InputStream in = PageFiles.class.getResourceAsStream("/META-INF/resources" + path)) {
            return in == null ? null : '"' + Hashes.sha256(in).substring(0, 32) + '"';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

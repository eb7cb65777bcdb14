package dev.prag.rest;

import dev.prag.access.Principal;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Who asks, as {@link Admission} found out. */
@Singleton
public final class Callers {
    private static final String KEY = Callers.class.getName();

    static void set(RoutingContext request, Principal caller) {
        request.put(KEY, caller);
    }

    /** Who sent the request, where that may be nobody that is known. */
    Optional<Principal> known(RoutingContext request) {
        return Optional.ofNullable(request.get(KEY));
    }

    /** Who sent the request. */
    public Principal of(RoutingContext request) {
        Principal caller = request.get(KEY);
        if (caller == null) {
            // Nobody may be taken for somebody because a request came in another way.
            throw new IllegalStateException(request.normalizedPath() + " was reached without admission");
        }
        return caller;
    }
}

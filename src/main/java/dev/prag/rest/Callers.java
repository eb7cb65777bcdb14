package dev.prag.rest;

import dev.prag.access.Principal;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/** Who asks. */
@Singleton
public final class Callers {
    /** Who sent the request. */
    public Principal of(RoutingContext request) {
        return Principal.LOCAL;
    }
}

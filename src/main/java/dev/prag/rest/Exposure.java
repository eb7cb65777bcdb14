package dev.prag.rest;

import dev.prag.access.ApiKeys;
import dev.prag.base.UserException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Keeps a service from being open to a network because nobody thought of it. */
@Singleton
public final class Exposure {
    private final String host;
    private final boolean insecure;
    private final ApiKeys keys;
    private final OidcCallers oidc;

    @Inject
    Exposure(
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "prag.insecure", defaultValue = "false") boolean insecure,
            ApiKeys keys,
            OidcCallers oidc) {
        this.host = host;
        this.insecure = insecure;
        this.keys = keys;
        this.oidc = oidc;
    }

    /** @throws UserException if others than this machine's users would get answers without a login */
    public void check() {
        if (!insecure && !Sites.isLoopback(host.toLowerCase(Locale.ROOT)) && !oidc.on() && !keys.any()) {
            throw new UserException("on " + host + " anybody who reaches the port would read and change everything:"
                    + " make a key first (`prag key create NAME --role ask`), name an OpenID provider"
                    + " (PRAG_OIDC_URL), or say that it is meant so with --insecure (PRAG_INSECURE=true)");
        }
    }
}

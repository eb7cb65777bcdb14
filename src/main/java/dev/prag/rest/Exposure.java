package dev.prag.rest;

import dev.prag.access.ApiKeys;
import dev.prag.base.UserException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Keeps a service from being open to a network because nobody thought of it. */
@Singleton
public final class Exposure {
    private final String host;
    private final boolean insecure;
    private final ApiKeys keys;
    private final OidcCallers oidc;
    private final boolean named;

    @Inject
    Exposure(
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "prag.insecure", defaultValue = "false") boolean insecure,
            ApiKeys keys,
            OidcCallers oidc,
            @ConfigProperty(name = "prag.oidc.url") Optional<String> provider) {
        this.host = host;
        this.insecure = insecure;
        this.keys = keys;
        this.oidc = oidc;
        this.named = provider.isPresent();
    }

    /** @throws UserException if others than those that are meant to would get answers without a login */
    public void check() {
        if (named && !oidc.on()) {
            throw new UserException(
                    "prag.oidc.url names an OpenID provider where it is not looked for, so nobody would need"
                            + " a login; set it in the environment (PRAG_OIDC_URL) or as a system property");
        }
        if (!insecure && !Sites.isLoopback(host.toLowerCase(Locale.ROOT)) && !oidc.on() && !keys.any()) {
            throw new UserException("on " + host + " anybody who reaches the port would read and change everything:"
                    + " make a key first (`prag key create NAME --role ask`), name an OpenID provider"
                    + " (PRAG_OIDC_URL), or say that it is meant so with --insecure (PRAG_INSECURE=true)");
        }
    }
}

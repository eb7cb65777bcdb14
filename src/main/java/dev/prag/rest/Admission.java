package dev.prag.rest;

import dev.prag.access.ApiKeys;
import dev.prag.access.Principal;
import dev.prag.database.DatabaseTrouble;
import io.quarkus.security.AuthenticationCompletionException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticator;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Finds out who sends a request, and whether that caller may: by a key ({@link ApiKeys}), by an OpenID provider, or, where
 * there is neither, as whoever has the home. As soon as a key was ever made or a provider is named, nothing but what
 * {@link Doors} leaves open is answered without a login.
 */
@ApplicationScoped
public class Admission {
    private static final Logger LOG = Logger.getLogger(Admission.class);

    /** Behind Quarkus's own step that prepares authentication (200), so before all resources. */
    private static final int PREPARED = 150;

    private static final String BEARER = "bearer ";
    private static final String KEY_HEADER = "X-Api-Key";
    static final String LOGIN = "/login";
    static final String LOGOUT = "/logout";
    private static final int MOVED = 302;

    private final ApiKeys keys;
    private final OidcCallers oidc;
    private final IdentityProviderManager identities;
    private final CallerLimits limits;
    private final Doors doors;

    @Inject
    Admission(
            ApiKeys keys,
            OidcCallers oidc,
            IdentityProviderManager identities,
            CallerLimits limits,
            @ConfigProperty(name = "prag.login.metrics", defaultValue = "false") boolean metricsNeedLogin) {
        this.keys = keys;
        this.oidc = oidc;
        this.identities = identities;
        this.limits = limits;
        this.doors = new Doors(metricsNeedLogin);
    }

    void register(@Observes Filters filters) {
        filters.register(this::admit, PREPARED);
    }

    private void admit(RoutingContext request) {
        String path = Doors.plain(request);
        if (path.equals(LOGIN) || path.equals(LOGOUT)) {
            signInOrOut(request, path.equals(LOGIN));
            return;
        }
        if (doors.isOpen(path) && !path.equals("/whoami")) {
            request.next();
            return;
        }
        String key = key(request.request());
        Context context = request.vertx().getOrCreateContext();
        // Keys are looked up in the database, which an event loop must not wait for.
        RequestIds.startThread(RequestIds.of(request), () -> {
            try {
                Known known = known(key);
                context.runOnContext(found -> decide(request, key, known));
            } catch (RuntimeException e) {
                context.runOnContext(failed -> unavailable(request, e));
            }
        });
    }

    /**
     * What the keys say.
     *
     * @param login whether a login is needed
     * @param caller whose key it is; null if it is no key that opens anything
     */
    private record Known(boolean login, Principal caller) {}

    private Known known(String key) {
        Optional<Principal> caller = key != null && key.startsWith(ApiKeys.PREFIX) ? keys.find(key) : Optional.empty();
        return new Known(caller.isPresent() || oidc.on() || keys.any(), caller.orElse(null));
    }

    private void decide(RoutingContext request, String key, Known known) {
        if (!known.login()) {
            enter(request, Principal.at(request.request().remoteAddress().hostAddress()));
        } else if (known.caller() != null) {
            enter(request, known.caller());
        } else if (key != null && key.startsWith(ApiKeys.PREFIX) || !oidc.on()) {
            stranger(request, key == null ? null : "the key opens nothing: it is none, has expired or was revoked");
        } else {
            identify(
                    request,
                    identity -> {
                        if (identity.isAnonymous()) {
                            stranger(request, null);
                        } else {
                            oidc.principal(identity)
                                    .ifPresentOrElse(
                                            caller -> enter(request, caller),
                                            () -> stranger(request, "the token names nobody: it has no sub"));
                        }
                    },
                    () -> stranger(request, "the token isn't valid: it may have expired; sign in anew"));
        }
    }

    /** Hears who was signed in. */
    private interface Identified {
        void as(SecurityIdentity identity);
    }

    private void identify(RoutingContext request, Identified then, Runnable invalid) {
        // What a failure is answered with is decided here.
        BiConsumer<RoutingContext, Throwable> nothing = (failed, failure) -> {};
        request.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, nothing);
        QuarkusHttpUser.getSecurityIdentity(request, identities).subscribe().with(then::as, failure -> {
            if (failure instanceof AuthenticationRedirectException redirect) {
                redirect(request, redirect.getCode(), redirect.getRedirectUri());
            } else if (failure instanceof AuthenticationFailedException
                    || failure instanceof AuthenticationCompletionException) {
                LOG.debugf("a login failed: %s", failure.getMessage());
                invalid.run();
            } else {
                unavailable(request, failure);
            }
        });
    }

    private void enter(RoutingContext request, Principal caller) {
        String path = Doors.plain(request);
        String method = request.request().method().name();
        Callers.set(request, caller);
        if (!doors.isOpen(path) && !doors.opensFor(caller, method, path)) {
            Refusals.write(request, 403, doors.refusal(caller, method, path));
            return;
        }
        Optional<CallerLimits.Refusal> refused = limits.enter(request, caller);
        if (refused.isPresent()) {
            request.response()
                    .putHeader(
                            HttpHeaders.RETRY_AFTER, Long.toString(refused.get().seconds()));
            Refusals.write(request, 429, refused.get().detail());
            return;
        }
        request.next();
    }

    /** @param why what is wrong with what was sent; null where nothing was */
    private void stranger(RoutingContext request, String why) {
        if (doors.isOpen(Doors.plain(request))) {
            request.next();
            return;
        }
        request.response()
                .putHeader(
                        "WWW-Authenticate",
                        why == null ? "Bearer realm=\"prag\"" : "Bearer realm=\"prag\", error=\"invalid_token\"");
        String remedy = oidc.on() ? "sign in, or send a token or a key" : "send a key";
        Refusals.write(
                request,
                401,
                why == null ? remedy + " as Authorization: Bearer …" : why + (oidc.on() ? "" : "; " + remedy));
    }

    private void signInOrOut(RoutingContext request, boolean in) {
        if (!oidc.on()) {
            Refusals.write(request, 404, "there is nothing to sign in to: no OpenID provider is set (prag.oidc.url)");
            return;
        }
        identify(
                request,
                identity -> {
                    if (in && identity.isAnonymous()) {
                        HttpAuthenticator authenticator = request.get(HttpAuthenticator.class.getName());
                        authenticator
                                .sendChallenge(request)
                                .subscribe()
                                .with(
                                        sent -> {
                                            if (!request.response().ended()) {
                                                request.response().end();
                                            }
                                        },
                                        failure -> unavailable(request, failure));
                    } else {
                        redirect(request, MOVED, "/");
                    }
                },
                () -> Refusals.write(request, 401, "signing in didn't work; try again at /login"));
    }

    private static void redirect(RoutingContext request, int status, String to) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.LOCATION, to)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end();
    }

    private static void unavailable(RoutingContext request, Throwable failure) {
        if (DatabaseTrouble.isGone(failure)) {
            LOG.error("a caller can't be looked up: the database is gone");
        } else {
            LOG.error("a caller can't be identified", failure);
        }
        request.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
        Refusals.write(request, 503, Problems.OUT_OF_ORDER);
    }

    /** The key or token that was sent; null if there is none. */
    private static String key(HttpServerRequest request) {
        String own = request.getHeader(KEY_HEADER);
        if (own != null && !own.isBlank()) {
            return own.strip();
        }
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        boolean bearer =
                authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER);
        return bearer ? authorization.substring(BEARER.length()).strip() : null;
    }
}

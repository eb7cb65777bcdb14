package dev.prag.rest;

import dev.prag.access.ApiKeys;
import dev.prag.access.Principal;
import dev.prag.access.Role;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Who asks, and how to sign in; answered without a login, too. */
@Path("/whoami")
@Tag(name = "login")
public final class WhoamiResource {
    private final Callers callers;
    private final ApiKeys keys;
    private final OidcCallers oidc;

    @Inject
    WhoamiResource(Callers callers, ApiKeys keys, OidcCallers oidc) {
        this.callers = callers;
        this.keys = keys;
        this.oidc = oidc;
    }

    /**
     * The caller.
     *
     * @param name of the person or the key; null where nobody is signed in
     * @param roles ask, write, admin
     * @param login none, key or oidc: what is needed here
     * @param signIn where people sign in; null where they can't, or have
     * @param signOut where they sign out; null where they aren't signed in
     */
    @RegisterForReflection
    public record Caller(
            String name, List<String> groups, List<String> roles, String login, String signIn, String signOut) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Who asks",
            description = "The caller's name, groups and roles, and where to sign in. Answered without a login, too.")
    @APIResponse(
            responseCode = "200",
            description = "The caller",
            content = @Content(schema = @Schema(implementation = Caller.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public Caller get(@Context RoutingContext http) {
        Optional<Principal> caller = callers.known(http);
        String login = oidc.on() ? "oidc" : keys.any() ? "key" : "none";
        boolean person = caller.map(Principal::isPerson).orElse(false);
        return new Caller(
                caller.map(Principal::name).orElse(null),
                caller.map(known -> known.groups().stream().sorted().toList()).orElse(List.of()),
                Arrays.stream(Role.values())
                        .filter(role -> caller.isPresent() && caller.get().may(role))
                        .map(role -> role.name().toLowerCase(Locale.ROOT))
                        .toList(),
                login,
                oidc.on() && caller.isEmpty() ? Admission.LOGIN : null,
                oidc.on() && person ? Admission.LOGOUT : null);
    }
}

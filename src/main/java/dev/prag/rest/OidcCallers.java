package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.access.Principal;
import dev.prag.access.Role;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who somebody is that an OpenID provider has signed in: name, groups and roles come from claims of the token. */
@Singleton
final class OidcCallers {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ANYBODY = "*";

    private final boolean on;
    private final String groupsClaim;
    private final Map<Role, List<String>> holders = new EnumMap<>(Role.class);

    /**
     * @param groupsClaim path of the claim, with slashes, such as {@code realm_access/roles}
     * @param ask groups of which one gives the role, or {@code *}
     */
    @Inject
    OidcCallers(
            @ConfigProperty(name = "quarkus.oidc.tenant-enabled") boolean on,
            @ConfigProperty(name = "prag.oidc.groups-claim", defaultValue = "groups") String groupsClaim,
            @ConfigProperty(name = "prag.oidc.ask", defaultValue = ANYBODY) List<String> ask,
            @ConfigProperty(name = "prag.oidc.write") Optional<List<String>> write,
            @ConfigProperty(name = "prag.oidc.admin") Optional<List<String>> admin) {
        this.on = on;
        this.groupsClaim = groupsClaim;
        holders.put(Role.ASK, ask);
        holders.put(Role.WRITE, write.orElse(List.of()));
        holders.put(Role.ADMIN, admin.orElse(List.of()));
    }

    /** Whether there is a provider. */
    boolean on() {
        return on;
    }

    /** The principal that a signed-in identity is; empty if it names nobody. */
    Optional<Principal> principal(SecurityIdentity identity) {
        return identity.getPrincipal() instanceof JsonWebToken token
                ? principal(claims(token.getRawToken()))
                : principal(identity.getPrincipal().getName(), identity.getRoles());
    }

    /** The same by the claims of a token that has been verified. */
    Optional<Principal> principal(JsonNode claims) {
        String name = claims.path("preferred_username").asText();
        return principal(name.isBlank() ? claims.path("sub").asText() : name, groups(claims));
    }

    /** A claim is found by its whole name first, which may be a URL; some providers have a single group as a string. */
    private Set<String> groups(JsonNode claims) {
        JsonNode claim = claims.has(groupsClaim) ? claims.get(groupsClaim) : claims.at("/" + groupsClaim);
        Set<String> groups = new TreeSet<>();
        if (claim.isTextual()) {
            groups.add(claim.asText());
        }
        claim.forEach(group -> groups.add(group.asText()));
        return groups;
    }

    private Optional<Principal> principal(String name, Set<String> claimed) {
        if (name == null || name.isBlank()) {
            return Optional.empty();
        }
        Set<String> groups = new TreeSet<>(claimed);
        // Or a group would pass for a person.
        groups.removeIf(group -> group.startsWith(Principal.PERSON));
        Set<Role> roles = EnumSet.noneOf(Role.class);
        holders.forEach((role, holding) -> {
            if (holding.contains(ANYBODY) || holding.stream().anyMatch(groups::contains)) {
                roles.add(role);
            }
        });
        // No person's name may pass for a key's, an address or the command line.
        boolean taken = name.indexOf(':') >= 0 || name.equals(Principal.LOCAL.name());
        return Optional.of(new Principal(taken ? "person:" + name : name, groups, roles));
    }

    /** Of a token that has been verified. */
    private static JsonNode claims(String token) {
        try {
            byte[] payload = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
            return JSON.readTree(new String(payload, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a verified token has claims that are no JSON", e);
        }
    }
}

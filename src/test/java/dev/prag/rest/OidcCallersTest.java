package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.prag.access.Principal;
import dev.prag.access.Role;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who the claims of a token say that somebody is. */
class OidcCallersTest {
    private static Optional<Principal> principal(String groupsClaim, String claims) {
        OidcCallers callers = new OidcCallers(
                true, groupsClaim, List.of("*"), Optional.of(List.of("editors")), Optional.of(List.of("keepers")));
        try {
            return callers.principal(Http.JSON.readTree(claims));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Set<String> groups(String groupsClaim, String claims) {
        return principal(groupsClaim, claims).orElseThrow().groups();
    }

    @Test
    void theNameIsTheUsernameOrTheSubject() {
        Principal vera = principal("groups", "{\"preferred_username\":\"vera\",\"sub\":\"7\",\"groups\":[\"editors\"]}")
                .orElseThrow();
        assertEquals(new Principal("vera", Set.of("editors"), Set.of(Role.ASK, Role.WRITE)), vera);
        assertEquals("7", principal("groups", "{\"sub\":\"7\"}").orElseThrow().name());
        assertEquals(
                "7",
                principal("groups", "{\"preferred_username\":\" \",\"sub\":\"7\"}")
                        .orElseThrow()
                        .name());
        assertTrue(principal("groups", "{\"groups\":[\"keepers\"]}").isEmpty());
    }

    @Test
    void nobodyPassesForAKeyAnAddressOrTheCommandLine() {
        for (String name : List.of("key:portal", "address:127.0.0.1", "local")) {
            Principal caller = principal("groups", "{\"sub\":\"" + name + "\"}").orElseThrow();
            assertEquals("person:" + name, caller.name());
            assertTrue(caller.isPerson());
        }
    }

    @Test
    void groupsAreWhereTheClaimSays() {
        assertEquals(Set.of("a"), groups("realm/roles", "{\"sub\":\"7\",\"realm\":{\"roles\":[\"a\"]}}"));
        assertEquals(
                Set.of("a", "b"),
                groups(
                        "https://portal.example/groups",
                        "{\"sub\":\"7\",\"https://portal.example/groups\":[\"a\",\"b\"]}"));
        assertEquals(Set.of("a"), groups("groups", "{\"sub\":\"7\",\"groups\":\"a\"}"));
        assertEquals(Set.of(), groups("groups", "{\"sub\":\"7\",\"groups\":[\"user:else\"]}"));
        assertEquals(Set.of(), groups("groups", "{\"sub\":\"7\"}"));
    }
}

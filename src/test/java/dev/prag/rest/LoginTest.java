package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.access.ApiKey;
import dev.prag.access.ApiKeys;
import dev.prag.access.Role;
import dev.prag.database.DatabaseResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys and an OpenID provider side by side. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@WithTestResource(value = OpenIdProvider.class, scope = TestResourceScope.MATCHING_RESOURCES)
class LoginTest {
    private static final String QUESTION = "{\"question\":\"Who?\",\"method\":\"closed-book\",\"maxTokens\":1}";
    private static final String CHAT =
            "{\"model\":\"none\",\"messages\":[{\"role\":\"user\",\"content\":\"Who?\"}],\"max_tokens\":1}";

    @Inject
    ApiKeys keys;

    @Inject
    DataSource writers;

    @AfterEach
    void leaveNoKeys() {
        QuarkusTransaction.requiringNew().run(() -> ApiKey.deleteAll());
    }

    private static Http.Reply ask(String... headers) {
        return post("/answers", QUESTION, headers);
    }

    private static Http.Reply post(String path, String json, String... headers) {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json";
        return Http.send("POST", path, BodyPublishers.ofString(json), all);
    }

    private static Http.Reply get(String path, String... headers) {
        BodyPublisher none = BodyPublishers.noBody();
        return Http.send("GET", path, none, headers);
    }

    private static String[] bearer(String token) {
        return new String[] {"Authorization", "Bearer " + token};
    }

    @Test
    void nothingIsAnsweredWithoutALogin() {
        Http.Reply refused = ask().problem(401, "Authorization: Bearer");
        assertEquals("Bearer realm=\"prag\"", refused.header("WWW-Authenticate"));
        for (String path :
                List.of("/documents", "/documents/x", "/passages/x", "/service", "/encoding", "/v1/models")) {
            assertEquals(401, get(path).status(), path);
        }
        JsonNode error = post("/v1/chat/completions", CHAT).expect(401).get("error");
        assertEquals("authentication_error", error.get("type").asText(), error.toString());
    }

    @Test
    void healthAndThePageAreOpen() {
        for (String path : List.of("/q/health/live", "/q/openapi", "/", "/prag-ask.js")) {
            assertEquals(200, get(path).status(), path);
        }
        JsonNode nobody = get("/whoami").expect(200);
        assertTrue(nobody.get("name").isNull());
        assertEquals("oidc", nobody.get("login").asText());
        assertEquals("/login", nobody.get("signIn").asText());
        assertEquals(0, nobody.get("roles").size());
    }

    @Test
    void aKeyOpensWhatItsRolesSay() {
        String key = keys.create("portal", Set.of(Role.ASK), List.of("blue"), null);
        assertEquals(200, ask(bearer(key)).status());
        assertEquals(200, ask("X-Api-Key", key).status());
        assertEquals(200, get("/documents", bearer(key)).status());
        post("/documents", "{\"text\":\"x\"}", bearer(key)).problem(403, "key:portal", "role write");
        Http.send("DELETE", "/documents/x", BodyPublishers.noBody(), bearer(key))
                .problem(403, "role write");
        JsonNode caller = get("/whoami", bearer(key)).expect(200);
        assertEquals("key:portal", caller.get("name").asText());
        assertEquals("[\"blue\"]", caller.get("groups").toString());
        assertEquals("[\"ask\"]", caller.get("roles").toString());
        assertTrue(caller.get("signOut").isNull());

        String writer = keys.create("importer", Set.of(Role.WRITE), List.of(), null);
        ask(bearer(writer)).problem(403, "key:importer", "role ask");
        assertEquals(404, get("/documents/none", bearer(writer)).status());
    }

    @Test
    void noParameterOfAPathOpensMore() {
        String key = keys.create("portal", Set.of(Role.ASK), List.of(), null);
        for (String path : List.of("/documents;x=1", "/documents;x", "/documents/", "/;x/documents")) {
            post(path, "{\"text\":\"x\"}", bearer(key)).problem(403, "role write");
        }
        for (String path : List.of("/documents;x=1/none", "/documents;x/none?id=none", "/documents;x?id=none")) {
            Http.send("DELETE", path, BodyPublishers.noBody(), bearer(key)).problem(403, "role write");
        }
        assertEquals(401, get("/documents;x=1").status());
        assertEquals(404, get("/page/..;/documents").status());
    }

    @Test
    void aRevokedKeyOpensNothingAtOnce() {
        String key = keys.create("portal", Set.of(Role.ASK), List.of(), null);
        assertEquals(200, ask(bearer(key)).status());
        keys.revoke("portal");
        Http.Reply refused = ask(bearer(key)).problem(401, "revoked");
        assertTrue(refused.header("WWW-Authenticate").contains("invalid_token"));
        assertEquals(401, post("/v1/chat/completions", CHAT, bearer(key)).status());
    }

    @Test
    void anExpiredKeyOpensNothing() {
        String key = keys.create("portal", Set.of(Role.ASK), List.of(), Duration.ofHours(1));
        assertEquals(200, ask(bearer(key)).status());
        QuarkusTransaction.requiringNew()
                .run(() -> ApiKey.update("expiresAt = ?1", Instant.now().minusSeconds(1)));
        ask(bearer(key)).problem(401, "expired");
    }

    @Test
    void keysAreKeptAsHashesAlone() {
        String key = keys.create("portal", Set.of(Role.ADMIN), List.of("blue", "red"), Duration.ofDays(30));
        ApiKey kept = keys.list().getFirst();
        assertTrue(key.startsWith(kept.prefix) && key.length() > 40, key);
        assertEquals(List.of("blue", "red"), kept.groups);
        assertEquals(List.of("admin"), kept.roles);
        assertNull(kept.usedAt);
        assertFalse(kept.hash.contains(key.substring(5, 15)));
        ask(bearer(key));
        assertTrue(keys.list().getFirst().usedAt != null);
        ask(bearer(key.substring(0, key.length() - 1) + "A_")).problem(401);
    }

    @Test
    void writersThatHoldAllConnectionsKeepNoCallerOut() throws SQLException {
        String key = keys.create("portal", Set.of(Role.ASK), List.of(), null);
        List<Connection> held = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                held.add(writers.getConnection());
            }
            assertEquals(
                    "key:portal",
                    get("/whoami", bearer(key)).expect(200).get("name").asText());
        } finally {
            for (Connection connection : held) {
                connection.close();
            }
        }
    }

    @Test
    void aTokenOpensWhatItsGroupsSay() {
        String token = OpenIdProvider.token("vera", List.of("editors", "user:else"), 60);
        assertEquals(200, ask(bearer(token)).status());
        JsonNode caller = get("/whoami", bearer(token)).expect(200);
        assertEquals("vera", caller.get("name").asText());
        assertEquals("[\"editors\"]", caller.get("groups").toString());
        assertEquals("[\"ask\",\"write\"]", caller.get("roles").toString());
        assertEquals("/logout", caller.get("signOut").asText());
        assertEquals(404, get("/documents/none", bearer(token)).status());

        String guest = OpenIdProvider.token("key:portal", List.of(), 60);
        assertEquals(
                "person:key:portal",
                get("/whoami", bearer(guest)).expect(200).get("name").asText());
        post("/documents", "{\"text\":\"x\"}", bearer(guest)).problem(403, "role write");
    }

    @Test
    void aTokenThatIsNotValidIsRefused() {
        ask(bearer(OpenIdProvider.token("vera", List.of(), -600))).problem(401, "expired");
        String token = OpenIdProvider.token("vera", List.of(), 60);
        ask(bearer(token.substring(0, token.length() - 8) + "AAAAAAAA")).problem(401);
        ask(bearer("nonsense")).problem(401);
    }

    @Test
    void signingInLeadsToTheProvider() {
        Http.Reply reply = get("/login");
        assertEquals(302, reply.status());
        String to = reply.header("Location");
        assertTrue(to.contains("/authorize?response_type=code&client_id=prag"), to);
        assertTrue(to.contains("%2Flogin"), to);
        assertEquals(302, get("/logout").status());
    }
}

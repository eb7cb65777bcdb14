package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Signing in with a real provider. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@WithTestResource(value = KeycloakServer.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@EnabledIfEnvironmentVariable(
        named = KeycloakServer.FOLDER,
        matches = ".+",
        disabledReason = "it names no folder of Keycloak's distribution (org.keycloak:keycloak-quarkus-dist, unpacked)")
class KeycloakTest {
    private static final Pattern FORM = Pattern.compile("action=\"([^\"]+)\"");

    /** Test classes are beans of every test: where there is no provider, this is nothing to fail for. */
    @ConfigProperty(name = "prag.oidc.url", defaultValue = "none")
    String provider;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final HttpClient client = HttpClient.newBuilder()
            .cookieHandler(new Cookies())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** Takes this machine for safe, as browsers do: cookies that are for safe connections alone are sent to it. */
    private static final class Cookies extends CookieManager {
        @Override
        public void put(URI uri, Map<String, List<String>> headers) throws IOException {
            Map<String, List<String>> kept = new HashMap<>();
            headers.forEach((name, values) -> kept.put(
                    name,
                    name.equalsIgnoreCase("Set-Cookie")
                            ? values.stream()
                                    .map(cookie -> cookie.replaceAll("(?i);\\s*secure", ""))
                                    .toList()
                            : values));
            super.put(uri, kept);
        }
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private HttpResponse<String> post(URI to, Map<String, String> fields) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(to)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form(fields)))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(URI from) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(from).build(), BodyHandlers.ofString());
    }

    /** Follows redirects to their end, as a browser does. */
    private HttpResponse<String> follow(HttpResponse<String> response) throws IOException, InterruptedException {
        HttpResponse<String> at = response;
        for (int i = 0; i < 8 && at.statusCode() / 100 == 3; i++) {
            at = get(at.uri().resolve(at.headers().firstValue("Location").orElseThrow()));
        }
        return at;
    }

    private URI here(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private JsonNode whoami() throws IOException, InterruptedException {
        return Http.parse(get(here("/whoami")).body());
    }

    @Test
    void aProgramSendsATokenOfTheProvider() throws Exception {
        HttpResponse<String> granted = post(
                URI.create(provider + "/protocol/openid-connect/token"),
                Map.of(
                        "grant_type", "password",
                        "client_id", "prag",
                        "client_secret", KeycloakServer.SECRET,
                        "username", "vera",
                        "password", KeycloakServer.PASSWORD));
        String token = Http.parse(granted.body()).get("access_token").asText();
        JsonNode caller = Http.send("GET", "/whoami", BodyPublishers.noBody(), "Authorization", "Bearer " + token)
                .expect(200);
        assertEquals("vera", caller.get("name").asText());
        assertEquals("[\"blue\"]", caller.get("groups").toString());
        assertEquals("[\"ask\",\"write\"]", caller.get("roles").toString());
        Http.send("GET", "/service", BodyPublishers.noBody(), "Authorization", "Bearer " + token)
                .expect(200);
        Http.get("/service").problem(401);
    }

    @Test
    void aPersonSignsInAndOutWithABrowser() throws Exception {
        assertTrue(whoami().get("name").isNull());
        HttpResponse<String> page = follow(get(here("/login")));
        assertEquals(200, page.statusCode(), page.body());
        Matcher form = FORM.matcher(page.body());
        assertTrue(form.find(), page.body());
        HttpResponse<String> back = follow(post(
                URI.create(form.group(1).replace("&amp;", "&")),
                Map.of("username", "vera", "password", KeycloakServer.PASSWORD, "credentialId", "")));
        assertEquals(here("/"), back.uri());
        JsonNode caller = whoami();
        assertEquals("vera", caller.get("name").asText());
        assertEquals("[\"blue\"]", caller.get("groups").toString());
        assertEquals("/logout", caller.get("signOut").asText());
        assertEquals(200, get(here("/service")).statusCode());

        HttpResponse<String> left = follow(get(here("/logout")));
        // The provider adds a state.
        assertEquals("/", left.uri().getPath());
        assertEquals(port, left.uri().getPort());
        assertTrue(whoami().get("name").isNull());
        assertEquals(401, get(here("/service")).statusCode());
    }
}

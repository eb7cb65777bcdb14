package dev.prag.rest;

import dev.prag.FreePort;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real Keycloak, whose unpacked distribution {@value #FOLDER} names, with a realm of one client, one group and a person. */
public final class KeycloakServer implements QuarkusTestResourceLifecycleManager {
    static final String FOLDER = "PRAG_TEST_KEYCLOAK";
    static final String SECRET = "a secret of the tests that is long enough to encrypt with";
    static final String PASSWORD = "harbour";
    private static final long PATIENCE_SECONDS = 180;

    private static final String REALM = """
            {"realm":"portal","enabled":true,"sslRequired":"none",
             "groups":[{"name":"blue"}],
             "users":[{"username":"vera","enabled":true,"email":"vera@portal.example","firstName":"Vera","lastName":"Lund",
                       "emailVerified":true,"groups":["/blue"],
                       "credentials":[{"type":"password","value":"%s","temporary":false}]}],
             "clients":[{"clientId":"prag","enabled":true,"protocol":"openid-connect","publicClient":false,"secret":"%s",
                         "directAccessGrantsEnabled":true,"standardFlowEnabled":true,"redirectUris":["*"],
                         "attributes":{"post.logout.redirect.uris":"*"},
                         "protocolMappers":[{"name":"groups","protocol":"openid-connect",
                           "protocolMapper":"oidc-group-membership-mapper",
                           "config":{"claim.name":"groups","full.path":"false","id.token.claim":"true",
                                     "access.token.claim":"true"}}]}]}
            """;

    private Process process;

    @Override
    public Map<String, String> start() {
        try {
            Path folder = Path.of(System.getenv(FOLDER));
            Path realm = Files.createDirectories(folder.resolve("data/import")).resolve("portal.json");
            Files.writeString(realm, REALM.formatted(PASSWORD, SECRET));
            int port = FreePort.next();
            Path log = Files.createTempFile("keycloak", ".log");
            ProcessBuilder builder = new ProcessBuilder(
                            folder.resolve("bin/kc.sh").toString(),
                            "start-dev",
                            "--db=dev-mem",
                            "--http-host=127.0.0.1",
                            "--http-port=" + port,
                            "--import-realm")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            process = builder.start();
            String url = "http://127.0.0.1:" + port + "/realms/portal";
            await(url, log);
            return Map.of(
                    "quarkus.oidc.tenant-enabled",
                    "true",
                    "prag.oidc.url",
                    url,
                    "prag.oidc.client-secret",
                    SECRET,
                    "prag.oidc.write",
                    "blue");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void await(String url, Path log) throws InterruptedException, IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/.well-known/openid-configuration"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (System.nanoTime() < end && process.isAlive()) {
                try {
                    if (client.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200) {
                        return;
                    }
                } catch (IOException e) {
                    // It doesn't listen yet.
                    assert e != null;
                }
                Thread.sleep(250);
            }
        }
        throw new IllegalStateException("Keycloak doesn't start: " + Files.readString(log));
    }

    @Override
    public void stop() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }
}

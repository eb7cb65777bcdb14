package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How OpenSearch is reached, on a server that only answers what the path says. */
class OpenSearchConnectionTest {
    private static final char[] STORE = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static HttpsServer server;
    private static final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void serve() throws Exception {
        Path store = folder.resolve("keys.p12");
        keytool(
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "here",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(STORE));
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "here",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(STORE),
                "-file",
                folder.resolve("ca.pem").toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, STORE);
        }
        KeyManagerFactory manager = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        manager.init(keys, STORE);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(manager.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            heard.add(path + " " + exchange.getRequestHeaders().getFirst("Authorization"));
            int status = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
            byte[] answer = "{\"error\":{\"reason\":\"because\"},\"ok\":true}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    private static OpenSearchClient client(String path, Path ca) {
        return OpenSearchConnection.open(new OpenSearchSettings(
                "https://localhost:" + server.getAddress().getPort() + path,
                "vera",
                "s3cret",
                ca,
                "prag",
                Duration.ofSeconds(10)));
    }

    private static String get(OpenSearchClient client, int status) {
        return client.call("GET", "/" + status, Map.of(), null).toString();
    }

    @Test
    void itIsReachedByTlsWithACertificateAndAPassword() throws IOException {
        try (OpenSearchClient client = client("/behind/proxy", folder.resolve("ca.pem"))) {
            assertTrue(client.call("GET", "/200", Map.of(), null).path("ok").asBoolean());
            assertTrue(heard.contains("/behind/proxy/200 Basic dmVyYTpzM2NyZXQ="), heard.toString());
            assertTrue(client.call("GET", "/404", Map.of(), null).isMissingNode());
            UserException refused = assertThrows(UserException.class, () -> get(client, 401));
            assertEquals(UserException.Kind.ENVIRONMENT, refused.kind());
            assertTrue(
                    refused.getMessage().contains("Unauthorized access")
                            && refused.getMessage().contains("prag.opensearch.username"),
                    refused.getMessage());
            assertFalse(refused.getMessage().contains("s3cret"));
            assertThrows(BusyException.class, () -> get(client, 503));
            assertThrows(IllegalStateException.class, () -> get(client, 400));
        }
    }

    @Test
    void whoeverIsNotTrustedIsNotAskedAgainAtOnce() throws IOException {
        try (OpenSearchClient client = client("", null)) {
            int before = heard.size();
            for (int i = 0; i < 5; i++) {
                BusyException busy = assertThrows(BusyException.class, () -> get(client, 200));
                assertTrue(busy.getMessage().contains("the search service doesn't answer"), busy.getMessage());
            }
            assertEquals(before, heard.size());
        }
    }

    @Test
    void aCircuitLetsOneTryWhenItsTimeIsOver() {
        AtomicLong now = new AtomicLong();
        Circuit circuit = new Circuit(Duration.ofNanos(100), now::get);
        for (int i = 0; i < 3; i++) {
            assertTrue(circuit.allows());
            circuit.failed();
        }
        assertFalse(circuit.allows());
        now.set(100);
        assertTrue(circuit.allows(), "one");
        assertFalse(circuit.allows(), "and no other");
        circuit.failed();
        now.set(150);
        assertFalse(circuit.allows());
        now.set(200);
        assertTrue(circuit.allows());
        circuit.succeeded();
        assertTrue(circuit.allows());
        assertTrue(circuit.allows(), "all");
    }

    @Test
    void settingsThatCanNotBeAreNamed() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        for (OpenSearchSettings settings : List.of(
                settings(null, null),
                settings("search:9200", null),
                settings("https://vera:s3cret@search:9200", null),
                settings("http://[", null),
                settings("https://search:9200", folder.resolve("none.pem")),
                settings("https://search:9200", empty))) {
            UserException wrong = assertThrows(UserException.class, () -> OpenSearchConnection.open(settings));
            assertTrue(wrong.getMessage().contains("prag.opensearch."), wrong.getMessage());
            assertFalse(wrong.getMessage().contains("s3cret"), wrong.getMessage());
        }
    }

    private static OpenSearchSettings settings(String url, Path ca) {
        return new OpenSearchSettings(url, null, null, ca, "prag", Duration.ofSeconds(1));
    }
}

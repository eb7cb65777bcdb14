package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** As much of an OpenID provider as tests need: what it is, its keys, and tokens. */
public final class OpenIdProvider implements QuarkusTestResourceLifecycleManager {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final KeyPair KEYS = keys();
    private static String address;

    private HttpServer server;

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        address = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext(
                "/.well-known/openid-configuration",
                exchange -> answer(
                        exchange,
                        Map.of(
                                "issuer", address,
                                "authorization_endpoint", address + "/authorize",
                                "token_endpoint", address + "/token",
                                "end_session_endpoint", address + "/leave",
                                "jwks_uri", address + "/jwks")));
        RSAPublicKey key = (RSAPublicKey) KEYS.getPublic();
        server.createContext(
                "/jwks",
                exchange -> answer(
                        exchange,
                        Map.of(
                                "keys",
                                List.of(Map.of(
                                        "kty", "RSA",
                                        "kid", "1",
                                        "use", "sig",
                                        "alg", "RS256",
                                        "n", number(key.getModulus()),
                                        "e", number(key.getPublicExponent()))))));
        server.start();
        return Map.of(
                "quarkus.oidc.tenant-enabled", "true",
                "prag.oidc.url", address,
                "prag.oidc.client-id", "prag",
                "prag.oidc.client-secret", "a secret of the tests that is long enough to encrypt with",
                "prag.oidc.write", "editors",
                "prag.oidc.admin", "keepers");
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static String number(BigInteger n) {
        byte[] bytes = n.toByteArray();
        return base64(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static void answer(HttpExchange exchange, Object json) throws IOException {
        byte[] body = JSON.writeValueAsBytes(json);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** A token of a person that is valid from now on for so many seconds. */
    static String token(String name, List<String> groups, long seconds) {
        try {
            Map<String, Object> claims = new HashMap<>();
            claims.put("iss", address);
            claims.put("sub", "id-of-" + name);
            claims.put("preferred_username", name);
            claims.put("groups", groups);
            claims.put("iat", Instant.now().getEpochSecond());
            claims.put("exp", Instant.now().getEpochSecond() + seconds);
            String signed = base64(JSON.writeValueAsBytes(Map.of("alg", "RS256", "kid", "1", "typ", "JWT"))) + "."
                    + base64(JSON.writeValueAsBytes(claims));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KEYS.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException | JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}

package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import javax.security.sasl.SaslClientFactory;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class HotTiersTest {
    static HotConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(HotConfig.class)
                .withDefaultValues(settings)
                .build()
                .getConfigMapping(HotConfig.class);
    }

    private static GuardedTier of(DataSource database, Map<String, String> settings) {
        return HotTiers.of(config(settings), Path.of("unused"), database == null ? null : () -> database);
    }

    @Test
    void noneIsOffAndEmbeddedIsTheDefault() {
        assertFalse(of(null, Map.of("prag.hot.mode", "off")).isOn());
        assertTrue(of(null, Map.of()).isOn());
    }

    @Test
    void whatIsMissingOrWrongIsNamed() {
        for (List<String> bad : List.of(
                List.of("prag.hot.mode", "distributed", "prag.hot.mode is \"distributed\""),
                List.of("prag.hot.mib", "0", "prag.hot.mib"),
                List.of("prag.hot.lifespan", "0s", "prag.hot.lifespan"),
                List.of("prag.hot.timeout", "-1s", "prag.hot.timeout"))) {
            refused(null, Map.of(bad.get(0), bad.get(1)), bad.get(2));
        }
    }

    @Test
    void aClusterNeedsASecretAndADatabaseOfAll() {
        DataSource database = new PGSimpleDataSource();
        Map<String, String> settings = new HashMap<>(Map.of("prag.hot.mode", "clustered"));
        refused(database, settings, "prag.hot.cluster.secret; there is no default");
        settings.put("prag.hot.cluster.secret", "too short");
        refused(database, settings, "at least 16");
        settings.put("prag.hot.cluster.secret", "long enough for a secret");
        refused(null, settings, "prag.database.url");
        assertTrue(of(database, settings).isOn());
    }

    @Test
    void aServerNeedsAnAddressAndAUser() {
        Map<String, String> settings = new HashMap<>(Map.of("prag.hot.mode", "remote"));
        for (String setting : List.of("servers", "username", "password")) {
            refused(null, settings, "prag.hot.remote." + setting + "; there is no default");
            settings.put("prag.hot.remote." + setting, "127.0.0.1:1");
        }
        refused(null, settings, "set prag.hot.remote.sni");
        settings.put("prag.hot.remote.sni", "hot.example");
        assertTrue(of(null, settings).isOn());
    }

    @Test
    void aCertificateIsForTheFirstServersHostUnlessNamed() {
        Map<String, String> settings = new HashMap<>();
        for (List<String> named : List.of(
                List.of("prag-hot.prag.svc:11222", "prag-hot.prag.svc"),
                List.of("a.example;b.example:11223", "a.example"),
                List.of("127.0.0.1:11222", ""),
                List.of("[::1]:11222;b.example", ""))) {
            settings.put("prag.hot.remote.servers", named.get(0));
            assertEquals(
                    named.get(1),
                    RemoteTier.serverName(config(settings).remote()).orElse(""));
        }
        settings.put("prag.hot.remote.sni", "hot.example");
        assertEquals(
                "hot.example", RemoteTier.serverName(config(settings).remote()).orElseThrow());
    }

    /** A native image is told of all of them, or no login works there. */
    @Test
    void everyMechanismOfALoginIsRegistered() throws ClassNotFoundException {
        List<String> registered = List.of(
                RemoteTier.class.getAnnotation(RegisterForReflection.class).classNames());
        for (String name : registered) {
            Class.forName(name, false, RemoteTier.class.getClassLoader());
        }
        List<String> listed = ServiceLoader.load(SaslClientFactory.class).stream()
                .map(factory -> factory.type().getName())
                .toList();
        assertTrue(listed.size() > 1, listed.toString());
        assertEquals(
                List.of(),
                listed.stream().filter(name -> !registered.contains(name)).toList());
    }

    private static void refused(DataSource database, Map<String, String> settings, String words) {
        UserException e = assertThrows(UserException.class, () -> of(database, settings));
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }
}

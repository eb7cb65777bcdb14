package dev.prag.adapterstore;

import dev.prag.adapterstore.HotTier.Held;
import io.netty.util.NetUtil;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.infinispan.client.hotrod.DataFormat;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.client.hotrod.configuration.SslConfigurationBuilder;
import org.infinispan.client.hotrod.exceptions.HotRodClientException;
import org.infinispan.commons.configuration.StringConfiguration;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.commons.marshall.IdentityMarshaller;

/**
 * An Infinispan Server, through its client (Hot Rod).
 *
 * <p>Registered is what the client makes by reflection in a native image. The mechanisms of a login are looked up by
 * {@link java.util.ServiceLoader}, which ends at the first one that an image lacks: so all that are listed have to be
 * there, though {@link #SCRAM} alone is used. Quarkus keeps such lists out of images and registers three of them; the
 * settings that JavaCPP brings along put all lists into this one.
 */
@RegisterForReflection(
        classNames = {
            "org.wildfly.security.sasl.digest.DigestClientFactory",
            "org.wildfly.security.sasl.external.ExternalSaslClientFactory",
            "org.wildfly.security.sasl.gs2.Gs2SaslClientFactory",
            "org.wildfly.security.sasl.gssapi.GssapiClientFactory",
            "org.wildfly.security.sasl.oauth2.OAuth2SaslClientFactory",
            "org.wildfly.security.sasl.plain.PlainSaslClientFactory",
            "org.wildfly.security.sasl.scram.ScramSaslClientFactory",
            // Hashes the password of a login.
            "org.wildfly.security.password.impl.PasswordFactorySpiImpl",
            // Looks names of servers up.
            "io.netty.channel.socket.nio.NioDatagramChannel"
        },
        methods = false,
        fields = false)
final class RemoteTier {
    private static final String SCRAM = "SCRAM-SHA-512";
    private static final int MIB = 20;
    /** What a server says of a cache that it is making. */
    private static final String NOT_READY = "ISPN005066";

    private static final int POLL_MILLIS = 250;
    private static final Duration READY = Duration.ofSeconds(30);

    private RemoteTier() {}

    static HotTier open(HotConfig.Remote settings, long mib, Duration lifespan, Duration timeout)
            throws InterruptedException {
        RemoteCacheManager manager = new RemoteCacheManager(configuration(settings, timeout));
        try {
            RemoteCache<String, byte[]> cache = cache(manager, settings.cache(), mib);
            RemoteCache<String, byte[]> bytes = cache.withDataFormat(DataFormat.builder()
                    .keyType(MediaType.TEXT_PLAIN)
                    .valueType(MediaType.APPLICATION_OCTET_STREAM)
                    .valueMarshaller(IdentityMarshaller.INSTANCE)
                    .build());
            return new InfinispanTier(bytes, lifespan, timeout, () -> Held.NOTHING, manager::stop);
        } catch (RuntimeException e) {
            manager.stop();
            throw e;
        }
    }

    private static org.infinispan.client.hotrod.configuration.Configuration configuration(
            HotConfig.Remote settings, Duration timeout) {
        int millis = Math.toIntExact(timeout.toMillis());
        ConfigurationBuilder client = new ConfigurationBuilder()
                .addServers(settings.servers().orElseThrow())
                .connectionTimeout(millis)
                .socketTimeout(millis)
                .maxRetries(1);
        client.statistics().disable().jmxDisable();
        client.security()
                .authentication()
                .enable()
                .saslMechanism(SCRAM)
                .username(settings.username().orElseThrow())
                .password(settings.password().orElseThrow());
        if (settings.tls()) {
            SslConfigurationBuilder ssl = client.security().ssl().enable().hostnameValidation(true);
            serverName(settings).ifPresent(ssl::sniHostName);
            settings.trustStore().ifPresent(file -> ssl.trustStoreFileName(file.toString())
                    .trustStoreType(isPem(file) ? "pem" : "pkcs12"));
            settings.trustStorePassword().ifPresent(password -> ssl.trustStorePassword(password.toCharArray()));
        }
        return client.build();
    }

    /** The name that the server's certificate has to be for: that of the first host, unless another one is named. */
    static Optional<String> serverName(HotConfig.Remote settings) {
        return settings.sni().or(() -> {
            String first = settings.servers().orElseThrow().split(";", 2)[0].strip();
            String host = first.replaceFirst(":[0-9]+$", "");
            return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)
                    ? Optional.empty()
                    : Optional.of(host);
        });
    }

    private static boolean isPem(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".pem") || name.endsWith(".crt");
    }

    /** The cache, which is made where there is none; a server that was just told to make one may not be done. */
    private static RemoteCache<String, byte[]> cache(RemoteCacheManager manager, String name, long mib)
            throws InterruptedException {
        long end = System.nanoTime() + READY.toNanos();
        while (true) {
            try {
                RemoteCache<String, byte[]> cache = manager.getCache(name);
                return cache == null ? create(manager, name, mib) : cache;
            } catch (HotRodClientException e) {
                if (!String.valueOf(e.getMessage()).contains(NOT_READY) || System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private static RemoteCache<String, byte[]> create(RemoteCacheManager manager, String name, long mib) {
        try {
            return manager.administration()
                    .getOrCreateCache(name, new StringConfiguration("""
                                    <distributed-cache name="%s" mode="SYNC" owners="2">
                                      <encoding>
                                        <key media-type="text/plain"/>
                                        <value media-type="application/octet-stream"/>
                                      </encoding>
                                      <memory storage="OFF_HEAP" max-size="%d" when-full="REMOVE"/>
                                    </distributed-cache>
                                    """.formatted(name, mib << MIB)));
        } catch (HotRodClientException e) {
            if (String.valueOf(e.getMessage()).contains(NOT_READY)) {
                throw e;
            }
            throw new IllegalStateException(
                    "the server has no cache \"" + name + "\" (prag.hot.remote.cache), and it can't be made: "
                            + e.getMessage(),
                    e);
        }
    }
}

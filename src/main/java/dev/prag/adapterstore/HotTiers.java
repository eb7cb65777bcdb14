package dev.prag.adapterstore;

import dev.prag.base.NativeImage;
import dev.prag.base.UserException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** The hot tier that the settings ask for. */
final class HotTiers {
    /** Below, a secret can be guessed. */
    private static final int SECRET_LENGTH = 16;

    private HotTiers() {}

    /**
     * One that isn't open yet.
     *
     * @param folder for what memory has no more room for
     * @param database that all processes share; null where there is none
     * @throws UserException naming the setting that is wrong or missing
     */
    static GuardedTier of(HotConfig config, Path folder, Supplier<DataSource> database) {
        require(config.mib() >= 1, "prag.hot.mib is " + config.mib() + "; it has to be at least 1");
        requirePositive("prag.hot.lifespan", config.lifespan());
        requirePositive("prag.hot.timeout", config.timeout());
        if (NativeImage.isRunning()) {
            return ofNativeImage(config);
        }
        return switch (config.mode()) {
            case "off" -> GuardedTier.off();
            case "embedded" -> embedded(config, folder);
            case "clustered" -> clustered(config, database);
            case "remote" -> remote(config);
            default -> throw unknown(config.mode());
        };
    }

    /**
     * The client of a server is all that an image has: Infinispan itself and JGroups find much of themselves by
     * reflection, which an image would have to be told of.
     */
    private static GuardedTier ofNativeImage(HotConfig config) {
        return switch (config.mode()) {
            case "off", "embedded" -> GuardedTier.off();
            case "remote" -> remote(config);
            case "clustered" ->
                throw new UserException("prag.hot.mode is clustered, which a native executable doesn't have; run this"
                        + " process on the JVM, or choose remote or off");
            default -> throw unknown(config.mode());
        };
    }

    private static UserException unknown(String mode) {
        return new UserException("prag.hot.mode is \"" + mode + "\"; it has to be embedded, clustered, remote or off");
    }

    private static GuardedTier embedded(HotConfig config, Path folder) {
        return new GuardedTier(
                () -> EmbeddedTier.local(
                        config.mib(),
                        config.lifespan(),
                        config.timeout(),
                        config.passivation() ? PassivationFolder.of(folder) : null),
                false);
    }

    private static GuardedTier clustered(HotConfig config, Supplier<DataSource> database) {
        HotConfig.Cluster cluster = config.cluster();
        String secret = required("clustered", "prag.hot.cluster.secret", cluster.secret());
        require(
                secret.length() >= SECRET_LENGTH,
                "prag.hot.cluster.secret has " + secret.length() + " characters; it has to have at least "
                        + SECRET_LENGTH + ", as `openssl rand -base64 32` makes them");
        require(
                database != null,
                "prag.hot.mode is clustered, and the database lies in the home of this process alone; name one that all"
                        + " processes share in prag.database.url");
        return new GuardedTier(
                () -> EmbeddedTier.clustered(
                        ClusterChannel.of(database.get(), secret, cluster.bindAddress(), cluster.port()),
                        cluster.name(),
                        config.mib(),
                        config.lifespan(),
                        config.timeout()),
                true);
    }

    private static GuardedTier remote(HotConfig config) {
        HotConfig.Remote remote = config.remote();
        required("remote", "prag.hot.remote.servers", remote.servers());
        required("remote", "prag.hot.remote.username", remote.username());
        required("remote", "prag.hot.remote.password", remote.password());
        require(
                !remote.tls() || RemoteTier.serverName(remote).isPresent(),
                "prag.hot.remote.servers begins with an address, \""
                        + remote.servers().orElseThrow()
                        + "\", which doesn't say what name the server's certificate is for; set prag.hot.remote.sni");
        return new GuardedTier(() -> RemoteTier.open(remote, config.mib(), config.lifespan(), config.timeout()), true);
    }

    private static String required(String mode, String setting, Optional<String> value) {
        return value.filter(given -> !given.isBlank())
                .orElseThrow(() -> new UserException("prag.hot.mode is " + mode + ", which needs " + setting
                        + "; there is no default for it: set it, or choose another mode"));
    }

    private static void requirePositive(String setting, Duration value) {
        require(value.isPositive(), setting + " is " + value + "; it has to be longer than nothing");
    }

    private static void require(boolean isMet, String message) {
        if (!isMet) {
            throw new UserException(message);
        }
    }
}

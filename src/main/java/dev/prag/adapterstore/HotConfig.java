package dev.prag.adapterstore;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of the hot tier: Infinispan, above what lasts. */
@ConfigMapping(prefix = "prag.hot")
public interface HotConfig {
    /** Where adapters that are in use are kept: {@code embedded}, {@code clustered}, {@code remote}, or {@code off}. */
    @WithDefault("embedded")
    String mode();

    /** Memory for it in each process, outside the heap, in MiB. */
    @WithDefault("256")
    int mib();

    /** Whether what memory has no more room for goes to a file in the home. */
    @WithDefault("false")
    boolean passivation();

    /** How long an adapter stays after it was read. */
    @WithDefault("24h")
    Duration lifespan();

    /** How long a question waits for it before the adapter is read from where it lasts. */
    @WithDefault("1s")
    Duration timeout();

    Cluster cluster();

    Remote remote();

    /** Processes that fetch from each other; they find each other in the database. */
    interface Cluster {
        /** Only processes with the same name meet. */
        @WithDefault("prag")
        String name();

        /** What its processes share and nobody else knows: who lacks it is kept out, and can't read along. */
        Optional<String> secret();

        /** Address to listen on: a name or number; one of a private network where it isn't given. */
        Optional<String> bindAddress();

        /** Port to listen on; where it is taken, one of the ten behind it. */
        @WithDefault("7800")
        int port();
    }

    /** An Infinispan Server. */
    interface Remote {
        /** {@code HOST:PORT}, several separated by {@code ;}. */
        Optional<String> servers();

        Optional<String> username();

        Optional<String> password();

        /** Name of the cache, which is made where the server has none and the user may. */
        @WithDefault("prag-adapters")
        String cache();

        /** Whether the connection is encrypted. */
        @WithDefault("true")
        boolean tls();

        /** Name that the server's certificate is for, where it isn't its host's. */
        Optional<String> sni();

        /** Certificates that are trusted, PEM or PKCS#12; those of the JVM where it isn't given. */
        Optional<Path> trustStore();

        Optional<String> trustStorePassword();
    }
}

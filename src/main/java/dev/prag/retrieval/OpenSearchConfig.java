package dev.prag.retrieval;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of retrieval by OpenSearch. */
@ConfigMapping(prefix = "prag.opensearch")
public interface OpenSearchConfig {
    /** {@code http://HOST:PORT} or {@code https://…}; needed where the engine is OpenSearch. */
    Optional<String> url();

    Optional<String> username();

    Optional<String> password();

    /** Certificates in PEM that a server is trusted by, in place of those of the machine. */
    Optional<Path> ca();

    /** What the names of indexes begin with. */
    @WithDefault("prag")
    String index();

    /** Of an index that is made; more than one for corpora of many millions. */
    @WithDefault("1")
    int shards();

    /**
     * Whether callers who may not read all documents are answered although scores count all: what they find is only what
     * they may read, but scores tell how often words are in the rest.
     */
    @WithDefault("false")
    boolean sharedStatistics();

    /** How long an answer may take. */
    @WithDefault("10s")
    Duration timeout();
}

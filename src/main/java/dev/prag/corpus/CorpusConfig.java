package dev.prag.corpus;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.util.Optional;

/** Settings of what is kept. */
@ConfigMapping(prefix = "prag")
public interface CorpusConfig {
    /** The home directory; without it PRAG_HOME or the user's data directory decides. */
    Optional<String> home();

    /** The largest text of a document, in bytes of UTF-8. */
    @WithName("corpus.max-document-bytes")
    @WithDefault("10485760")
    int maxDocumentBytes();

    /** After how many failed attempts a passage is given up. */
    @WithName("encoder.attempts")
    @WithDefault("3")
    int encoderAttempts();

    /** How much memory may hold adapters that were read before, in bytes. */
    @WithName("adapters.cache-bytes")
    @WithDefault("268435456")
    long adapterCacheBytes();
}

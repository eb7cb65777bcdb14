package dev.prag.corpus;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;

/** Settings of what is kept. */
@ConfigMapping(prefix = "prag")
public interface CorpusConfig {
    /** The largest text of a document, in bytes of UTF-8. */
    @WithName("corpus.max-document-bytes")
    @WithDefault("10485760")
    int maxDocumentBytes();

    /** After how many failed attempts a passage is given up. */
    @WithName("encoder.attempts")
    @WithDefault("3")
    int encoderAttempts();

    /** How long an adapter stays in the store once nothing refers to it: longer than an answer takes to read it. */
    @WithName("store.removal-grace")
    @WithDefault("1m")
    Duration removalGrace();
}

package dev.prag.corpus;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

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
}

package dev.prag.retrieval;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of retrieval. */
@ConfigMapping(prefix = "prag.retrieval")
public interface RetrievalConfig {
    /** The language that words are analysed in. */
    @WithDefault("neutral")
    String language();

    /** After how long what searches see already is also made last on disk. */
    @WithDefault("10s")
    Duration commit();
}

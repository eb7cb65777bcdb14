package dev.prag.retrieval;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of retrieval. */
@ConfigMapping(prefix = "prag.retrieval")
public interface RetrievalConfig {
    /** {@code lucene}, on this machine, or {@code opensearch}. */
    @WithDefault("lucene")
    String engine();

    /** The language that words are analysed in. */
    @WithDefault("neutral")
    String language();

    /** Whether passages are found by the questions that were made of them, too. */
    @WithDefault("true")
    boolean questions();

    /** After how long what searches see already is also made last on disk. */
    @WithDefault("10s")
    Duration commit();

    /** Settings of snapshots. */
    Snapshots snapshot();

    /** Settings of the index in the durable store. */
    interface Snapshots {
        /** How often whoever writes the index publishes what is new. */
        @WithDefault("1m")
        Duration every();

        /** How long what was replaced stays, for those that read it. */
        @WithDefault("1h")
        Duration grace();

        /** How many changes an index has to be behind for a snapshot to be looked for. */
        @WithDefault("20000")
        long behind();
    }
}

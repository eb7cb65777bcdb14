package dev.prag.extraction;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds on what reading a file may take. */
@ConfigMapping(prefix = "prag.extraction")
public interface ExtractionConfig {
    /** Memory of a process that reads files, in MiB. */
    @WithDefault("512")
    int memoryMib();

    /** How long one file may take. */
    @WithDefault("60s")
    Duration timeout();

    /** The largest file, in MiB; also unpacked. */
    @WithDefault("256")
    int maxFileMib();

    /** Processes that read files side by side. */
    @WithDefault("1")
    int processes();

    /** What the files of an archive may have together, in MiB. */
    @WithDefault("1024")
    int maxArchiveMib();

    /** Files of an archive. */
    @WithDefault("10000")
    int maxArchiveFiles();
}

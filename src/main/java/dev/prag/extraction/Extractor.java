package dev.prag.extraction;

import java.nio.file.Path;

/** Extracts the text of files. */
@FunctionalInterface
public interface Extractor {
    /** Of a program that can't: every file is refused. */
    Extractor NONE = (file, format) -> {
        throw new RefusedException(
                RefusedException.Reason.UNSUPPORTED, "can't be read here; only jsonl, ndjson, txt and md can");
    };

    /**
     * Reads a file.
     *
     * @throws RefusedException if it can't be read
     */
    Extracted extract(Path file, Format format) throws RefusedException;
}

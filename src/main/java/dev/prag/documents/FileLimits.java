package dev.prag.documents;

import dev.prag.extraction.ExtractionConfig;

/**
 * Bounds on files.
 *
 * @param document bytes of UTF-8 that the text of a document may have
 * @param file bytes of a file, also unpacked
 * @param archive bytes of all files of an archive, unpacked
 * @param files of an archive
 */
public record FileLimits(long document, long file, long archive, int files) {
    private static final long LARGEST_FILE = 1L << 30;
    private static final int MOST_FILES = 10_000;

    /** As the settings say, with a bound on texts. */
    public static FileLimits of(long document, ExtractionConfig extraction) {
        return new FileLimits(
                document,
                (long) extraction.maxFileMib() << 20,
                (long) extraction.maxArchiveMib() << 20,
                extraction.maxArchiveFiles());
    }

    /** Where only the text has a bound. */
    static FileLimits ofText(long document) {
        return new FileLimits(document, LARGEST_FILE, LARGEST_FILE, MOST_FILES);
    }
}

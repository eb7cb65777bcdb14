package dev.prag.documents;

import java.nio.file.Path;

/**
 * A file that is to be read.
 *
 * @param content where its bytes are
 * @param name what messages call it
 * @param file its name, which tells what kind it is and the title where it has none of its own
 * @param id of the document that it is, if it is one: its path, or the name that it was sent under
 * @param pairs the file beside which those of its pairs lie; null if there are none
 */
public record NamedFile(Path content, String name, Path file, String id, Path pairs) {}

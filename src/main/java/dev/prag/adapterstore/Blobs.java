package dev.prag.adapterstore;

import dev.prag.base.UserException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What lasts beside adapters in the durable store: content of any length under keys such as {@code index/ab/cd}, of
 * letters, digits, {@code . _ -} and slashes. It knows nothing of what is inside; who reads it checks it.
 */
public interface Blobs {
    /**
     * Keeps the content of a file, all or nothing, until it is deleted. Replaces what was there.
     *
     * @throws UserException of kind ENVIRONMENT if it can't be kept; so do all others
     */
    void put(String key, Path file);

    /** As {@link #put(String, Path)}, for short content. */
    void put(String key, byte[] content);

    /** Writes the content to a file that isn't there yet; false if nothing is kept under the key. */
    boolean get(String key, Path file);

    /** Short content; empty if nothing is kept under the key. */
    Optional<byte[]> get(String key);

    /** What is kept under keys that begin so, in the order of keys. */
    List<Blob> list(String prefix);

    /** Whatever was there is not any more. */
    void delete(String key);

    /** One that is kept. */
    record Blob(String key, long bytes) {}
}

package dev.prag.adapterstore;

import dev.prag.base.UserException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Keeps the bytes of adapters under their ids (hexadecimal hashes) and knows nothing of what is inside. */
public interface AdapterStore {
    /**
     * Keeps the bytes, all or nothing, until deleted, even if the machine stops right after. Replaces what was there.
     *
     * @return SHA-256 of the bytes in hexadecimal
     * @throws UserException of kind ENVIRONMENT if there is no room; nothing is left behind
     */
    String put(String id, byte[] bytes);

    /** The bytes as they were put; empty if they are not there, or no longer what was put. */
    Optional<byte[]> get(String id);

    /** Whether what was kept under the id was found damaged when it was read, and nothing was put there since. */
    default boolean isDamaged(String id) {
        return false;
    }

    /** Whether there was something to delete. */
    boolean delete(String id);

    /** What is kept, in the order of ids. */
    List<Entry> list();

    /** One kept adapter. */
    record Entry(String id, long bytes, Instant modifiedAt) {}
}

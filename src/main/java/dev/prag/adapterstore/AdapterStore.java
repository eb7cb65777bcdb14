package dev.prag.adapterstore;

import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /**
     * The bytes, if they are those with that checksum; the array is shared, whoever gets it only reads it.
     *
     * @param checksum SHA-256 in hexadecimal, as the database has it
     * @return empty if they are not there, no longer what was put, or something else was put
     */
    default Optional<byte[]> get(String id, String checksum) {
        return get(id).filter(bytes -> Hashes.sha256(bytes).equals(checksum));
    }

    /**
     * As {@link #get(String, String)} for several at once.
     *
     * @param checksums by id
     * @return those that are there, by id
     */
    default Map<String, byte[]> getAll(Map<String, String> checksums) {
        Map<String, byte[]> found = new LinkedHashMap<>();
        checksums.forEach((id, checksum) -> get(id, checksum).ifPresent(bytes -> found.put(id, bytes)));
        return found;
    }

    /** What is kept under the id says of itself, without a look at all of it; empty if nothing is there. */
    Optional<Stat> stat(String id);

    /** As {@link #stat} for several at once: those that are there, by id. */
    default Map<String, Stat> statAll(Collection<String> ids) {
        Map<String, Stat> found = new LinkedHashMap<>();
        ids.forEach(id -> stat(id).ifPresent(stat -> found.put(id, stat)));
        return found;
    }

    /** Whether what was kept under the id was found damaged when it was read, and nothing was put there since. */
    default boolean isDamaged(String id) {
        return false;
    }

    /** Whether a copy of it is kept above the store, as far as that can be told now. */
    default boolean isCached(String id) {
        return false;
    }

    /** Whether there was something to delete. */
    boolean delete(String id);

    /** What is kept, in the order of ids. */
    List<Entry> list();

    /**
     * Writes down whose adapters these are, if nobody did: of two who try at the same time one succeeds. A store that
     * has adapters and no id, made before there were ids, takes the first one.
     *
     * @param corpusId letters, digits, {@code .}, {@code _} and {@code -}, up to 128
     * @return the id that the store has now, which is another one where it belongs to another corpus
     * @throws UserException if it can't be read or written, or what is there is no id
     */
    String claim(String corpusId);

    /** Makes ready, beside the caller, what would else be made at the first use. */
    default void open() {}

    /** One kept adapter. */
    record Entry(String id, long bytes, Instant modifiedAt) {}

    /**
     * What a kept adapter says of itself; whether its bytes are those, only reading tells.
     *
     * @param checksum SHA-256 in hexadecimal; empty where what is kept is too short to have one
     */
    record Stat(long bytes, String checksum) {}
}

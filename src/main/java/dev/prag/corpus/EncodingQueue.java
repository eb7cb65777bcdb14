package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows that say what is to be encoded, under every model and recipe, shared by any number of encoders. A lease
 * belongs to its owner until it runs out by the database's clock. Each call is one short transaction.
 */
@ApplicationScoped
public class EncodingQueue {
    /** The longest lease. */
    public static final Duration MAX_LEASE = Duration.ofSeconds(30);

    /** Makes the rows of passages that this model and recipe have not seen; returns how many. */
    public int ensure(String model, String recipe) {
        throw new UnsupportedOperationException();
    }

    /** Up to {@code max} passages in the order they came in, for nobody else until {@code lease} has passed. */
    public List<LeasedPassage> lease(String model, String recipe, int max, String owner, Duration lease) {
        throw new UnsupportedOperationException();
    }

    /** Renews what the owner still holds; returns the ids, so that those lost or deleted can be dropped. */
    public List<Long> heartbeat(String owner, Duration lease) {
        throw new UnsupportedOperationException();
    }

    /**
     * Marks the passage ready, its adapter being in the store. False if the owner no longer holds it (its lease ran out
     * and another took it, or its last passage was deleted): then the adapter has been taken out of the store again
     * unless somebody else made the same.
     *
     * @param note what is to be known of it, such as augmentations that could not be had; may be null
     */
    public boolean complete(long encodingId, String owner, String adapterId, String checksum, long bytes, String note) {
        throw new UnsupportedOperationException();
    }

    /** Counts a failed attempt; after {@code prag.encoder.attempts} of them the passage is FAILED, else PENDING. */
    public EncodingState fail(long encodingId, String owner, String error) {
        throw new UnsupportedOperationException();
    }

    /** Gives back all that the owner holds; returns how many. */
    public int release(String owner) {
        throw new UnsupportedOperationException();
    }

    public EncodingCounts counts(String model, String recipe) {
        throw new UnsupportedOperationException();
    }

    /** Makes failed passages pending again; returns how many. */
    public int retryFailed(String model, String recipe) {
        throw new UnsupportedOperationException();
    }

    /** Adapter ids of those of the passages that are ready under the model and recipe, by passage id. */
    public Map<String, String> adapters(String model, String recipe, Collection<String> passageIds) {
        throw new UnsupportedOperationException();
    }

    /** All ready adapters under the model and recipe; nulls mean any. */
    public List<AdapterView> list(String model, String recipe) {
        throw new UnsupportedOperationException();
    }

    /** The ready adapter of that id, or of the only id that begins so. */
    public Optional<AdapterView> find(String adapterIdOrPrefix) {
        throw new UnsupportedOperationException();
    }

    /** The store no longer has this adapter: its passages are encoded again. */
    public void lost(String adapterId) {
        throw new UnsupportedOperationException();
    }

    /** The augmentation (JSON) kept for a passage text under a key that says how it was made. */
    public Optional<String> findAugmentation(String textHash, String key) {
        throw new UnsupportedOperationException();
    }

    /** Keeps an augmentation; false if the passage is gone. */
    public boolean saveAugmentation(String textHash, String key, String json) {
        throw new UnsupportedOperationException();
    }
}

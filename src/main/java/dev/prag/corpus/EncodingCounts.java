package dev.prag.corpus;

import java.time.Duration;
import java.util.Optional;

/**
 * Passages by state under one model and recipe.
 *
 * @param pending waiting or leased
 * @param leased those of {@code pending} that an encoder holds (its lease may have run out)
 * @param nextLeaseEnd from now until the first lease ends, zero if one has; empty where nothing is leased
 */
public record EncodingCounts(
        long documents,
        long pending,
        long leased,
        long ready,
        long withheld,
        long failed,
        Optional<Duration> nextLeaseEnd) {
    /** All passages of the corpus. */
    public long passages() {
        return pending + ready + withheld + failed;
    }
}

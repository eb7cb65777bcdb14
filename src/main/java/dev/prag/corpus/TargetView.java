package dev.prag.corpus;

import java.time.Instant;

/**
 * A target and what there is under it.
 *
 * @param registeredAt null where it is not registered: rows were left by a version that didn't register, or adapters by
 *     {@code prag target remove}
 * @param removing whether its removal was begun and not ended
 */
public record TargetView(
        Target target,
        Instant registeredAt,
        boolean removing,
        long pending,
        long leased,
        long ready,
        long withheld,
        long failed) {}

package dev.prag.tensor.cuda;

import dev.prag.base.UserException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jcuda.driver.JCudaDriver;

/**
 * All of the device's memory that the process uses, taken once and cut into places first fit. A place that is given back
 * may be taken again at once: what was queued before ends before what is queued after. Safe for use by many threads.
 */
final class MemoryPool {
    /** What cuBLAS and reads of vectors want. */
    static final int ALIGNMENT = 256;

    private final Address block;
    private final long base;
    private final long bytes;
    /** Free places: first byte → bytes; never two that touch. */
    private final TreeMap<Long, Long> free = new TreeMap<>();

    private final Map<Long, Long> taken = new HashMap<>();
    private long used;

    /** The context must be current. */
    MemoryPool(long bytes) {
        this.bytes = bytes / ALIGNMENT * ALIGNMENT;
        block = new Address();
        Driver.check(JCudaDriver.cuMemAlloc(block, this.bytes), "cuMemAlloc of " + mebibytes(this.bytes));
        base = block.value();
        free.put(base, this.bytes);
    }

    /** @throws UserException with what there is and what is free, if there is no such place */
    synchronized long take(long wanted) {
        long size = Math.max(ALIGNMENT, Math.ceilDiv(wanted, ALIGNMENT) * ALIGNMENT);
        for (Map.Entry<Long, Long> place : free.entrySet()) {
            if (place.getValue() >= size) {
                long address = place.getKey();
                long left = place.getValue() - size;
                free.remove(address);
                if (left > 0) {
                    free.put(address + size, left);
                }
                taken.put(address, size);
                used += size;
                return address;
            }
        }
        throw new UserException(
                UserException.Kind.ENVIRONMENT,
                String.format(
                        Locale.ROOT,
                        "the GPU has no room for %s more: of its %s that are ours %s are taken, and the largest free place"
                                + " has %s; use a smaller cache, fewer rows, int8 weights or a GPU with more memory",
                        mebibytes(size),
                        mebibytes(bytes),
                        mebibytes(used),
                        mebibytes(largest())));
    }

    synchronized void giveBack(long address) {
        long size = taken.remove(address);
        used -= size;
        long start = address;
        long end = address + size;
        Map.Entry<Long, Long> before = free.floorEntry(address);
        if (before != null && before.getKey() + before.getValue() == address) {
            start = before.getKey();
        }
        Long after = free.remove(end);
        free.put(start, end - start + (after == null ? 0 : after));
    }

    /** Bytes that are free in all; a place as large need not be among them. */
    synchronized long room() {
        return bytes - used;
    }

    private long largest() {
        return free.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 0x1p20);
    }

    /** Gives everything back to the driver. */
    void close() {
        JCudaDriver.cuMemFree(block);
    }
}

package dev.prag.tensor.cpu;

import dev.prag.tensor.DType;

/**
 * Memory for second copies of weights. oneDNN's best layout for one row of x isn't its best for many on every CPU: with
 * AMX many rows gain from a layout of their own. Elsewhere the two are as fast as each other, so that one copy serves
 * both.
 */
final class SecondLayouts {
    private final boolean useful;
    private long left;

    /**
     * @param useful whether this CPU gains from them
     * @param bytes for all weights together
     */
    SecondLayouts(boolean useful, long bytes) {
        this.useful = useful;
        this.left = bytes;
    }

    /** Whether the weight is to have one; takes its memory from the budget. */
    synchronized boolean grants(CpuWeight weight, OneDnn oneDnn, Pool pool, DType type) {
        if (!useful || oneDnn.sameLayout(type, Math.min(weight.out(), 64), weight.in())) {
            return false;
        }
        long bytes = PackedWeight.bytes(weight, oneDnn, pool, type, OneDnn.Layout.FOR_MANY_ROWS);
        if (bytes == 0 || bytes > left) {
            return false;
        }
        left -= bytes;
        return true;
    }
}

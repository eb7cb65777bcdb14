package dev.prag.tensor.cpu;

import dev.prag.tensor.DType;

/**
 * W [out, in] reordered for the forward product, in parts of its rows that threads compute one by one. Where the best
 * layout is row-major there is nothing to reorder, and a part has no address.
 */
final class PackedWeight {
    private final int[] starts;
    private final long[] offsets;
    private final CpuMemory memory;

    private PackedWeight(int[] starts, long[] offsets, CpuMemory memory) {
        this.starts = starts;
        this.offsets = offsets;
        this.memory = memory;
    }

    /**
     * Reorders a weight, all threads at once.
     *
     * @param type of the products: the weight's own, or a wider one where the CPU has no products of it
     * @param layout for few rows of x, or for many
     */
    static PackedWeight of(CpuWeight weight, OneDnn oneDnn, Pool pool, DType type, OneDnn.Layout layout) {
        int in = weight.in();
        int[] starts = Products.packedParts(weight.out(), in, type, pool.threads());
        long[] offsets = offsets(starts, in, oneDnn, type, layout);
        int parts = starts.length - 1;
        if (offsets[parts] == 0) {
            return new PackedWeight(starts, offsets, null);
        }
        CpuMemory memory = new CpuMemory(offsets[parts]);
        pool.tasks(parts, true, (part, slot) -> {
            if (offsets[part + 1] > offsets[part]) {
                long target = memory.address() + offsets[part];
                weight.readRows(
                        starts[part],
                        starts[part + 1],
                        type,
                        rows -> oneDnn.pack(slot, type, starts[part + 1] - starts[part], in, layout, rows, target));
            }
        });
        return new PackedWeight(starts, offsets, memory);
    }

    /** Bytes that a weight takes in a layout. */
    static long bytes(CpuWeight weight, OneDnn oneDnn, Pool pool, DType type, OneDnn.Layout layout) {
        int[] starts = Products.packedParts(weight.out(), weight.in(), type, pool.threads());
        return offsets(starts, weight.in(), oneDnn, type, layout)[starts.length - 1];
    }

    private static long[] offsets(int[] starts, int in, OneDnn oneDnn, DType type, OneDnn.Layout layout) {
        long[] offsets = new long[starts.length];
        for (int part = 0; part < starts.length - 1; part++) {
            long bytes = oneDnn.packedBytes(type, starts[part + 1] - starts[part], in, layout);
            offsets[part + 1] = offsets[part] + ((bytes + 63) & -64);
        }
        return offsets;
    }

    /** Number of parts. */
    int parts() {
        return starts.length - 1;
    }

    /** First row of W in a part; of the part after the last, the number of rows. */
    int start(int part) {
        return starts[part];
    }

    /** Bytes of a part, or 0 where its layout is row-major. */
    long bytes(int part) {
        return offsets[part + 1] - offsets[part];
    }

    /** Address of a part, or 0 where its layout is row-major. */
    long address(int part) {
        return bytes(part) > 0 ? memory.address() + offsets[part] : 0;
    }

    void free() {
        if (memory != null) {
            memory.free();
        }
    }
}

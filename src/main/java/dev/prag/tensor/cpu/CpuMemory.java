package dev.prag.tensor.cpu;

import org.bytedeco.javacpp.Pointer;

/** A zeroed block outside of the heap, aligned to a cache line, freed when its owner says so. */
final class CpuMemory {
    private static final int ALIGNMENT = 64;
    private final long address;
    private final long bytes;
    private Pointer block;

    CpuMemory(long bytes) {
        this.bytes = bytes;
        // calloc gives fresh pages of the system without touching them.
        block = Pointer.calloc(1, bytes + ALIGNMENT);
        if (block == null || block.isNull()) {
            throw new OutOfMemoryError("no memory for " + bytes + " bytes outside of the heap");
        }
        address = (block.address() + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Where it starts; an error once it was freed, since reading there could end the process. */
    long address() {
        if (block == null) {
            throw new IllegalStateException("the memory was closed");
        }
        return address;
    }

    long bytes() {
        return bytes;
    }

    /** Frees it; a second call does nothing. */
    void free() {
        if (block != null) {
            Pointer.free(block);
            block = null;
        }
    }
}

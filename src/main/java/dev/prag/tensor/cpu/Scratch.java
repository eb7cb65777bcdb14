package dev.prag.tensor.cpu;

/** A block that grows to what is asked for and is used again; its contents are lost between uses. */
final class Scratch {
    private CpuMemory memory;

    /** The address of at least that many bytes. */
    long atLeast(long bytes) {
        if (memory == null || memory.bytes() < bytes) {
            free();
            memory = new CpuMemory(bytes + bytes / 4);
        }
        return memory.address();
    }

    /** How many bytes there are. */
    long bytes() {
        return memory == null ? 0 : memory.bytes();
    }

    /** The address that was given last. */
    long address() {
        return memory.address();
    }

    void free() {
        if (memory != null) {
            memory.free();
            memory = null;
        }
    }
}

package dev.prag.tensor.cuda;

/** A place in the pool that belongs to one tensor or weight; freed when its owner says so. */
final class CudaMemory {
    private final MemoryPool pool;
    private final long address;
    private final long bytes;
    private boolean freed;

    CudaMemory(MemoryPool pool, long bytes) {
        this.pool = pool;
        this.bytes = bytes;
        address = pool.take(bytes);
    }

    /** Where it starts; an error once it was freed, since something else may lie there. */
    long address() {
        if (freed) {
            throw new IllegalStateException("the memory was closed");
        }
        return address;
    }

    long bytes() {
        return bytes;
    }

    /** Frees it; a second call does nothing. Whatever is queued before may still use it. */
    void free() {
        if (!freed) {
            freed = true;
            pool.giveBack(address);
        }
    }
}

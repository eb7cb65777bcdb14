package dev.prag.tensor.cuda;

/**
 * Memory that an operation uses while it runs, kept for the next one and grown where it must. What is queued goes on
 * using the old place: nothing queued later is written there before it is done.
 */
final class Room {
    private final MemoryPool pool;
    private long address;
    private long bytes;

    Room(MemoryPool pool) {
        this.pool = pool;
    }

    /** Its address, once it has so many bytes. What it held is lost. */
    long atLeast(long wanted) {
        if (bytes < wanted || bytes == 0) {
            if (bytes > 0) {
                pool.giveBack(address);
                bytes = 0;
            }
            address = pool.take(wanted);
            bytes = Math.max(1, wanted);
        }
        return address;
    }
}

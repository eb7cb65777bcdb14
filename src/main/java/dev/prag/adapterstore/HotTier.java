package dev.prag.adapterstore;

import java.util.concurrent.TimeoutException;

/**
 * A fast place for copies of adapters, which may lose any of them at any time. Whoever reads checks what he gets.
 */
interface HotTier extends AutoCloseable {
    /**
     * The bytes kept under the id; null where there are none.
     *
     * @throws TimeoutException if it doesn't answer in time
     */
    byte[] get(String id) throws TimeoutException, InterruptedException;

    /** Keeps a copy for as long as there is room. */
    void put(String id, byte[] bytes) throws TimeoutException, InterruptedException;

    /** Takes it out everywhere, so that no process finds it any more. */
    void remove(String id) throws TimeoutException, InterruptedException;

    /** What this process has of it. */
    Held held();

    @Override
    void close();

    /**
     * What a process holds.
     *
     * @param bytes of memory
     * @param evictions how many adapters went because memory was full
     */
    record Held(long bytes, long evictions) {
        static final Held NOTHING = new Held(0, 0);
    }
}

package dev.prag.tensor.cuda;

import dev.prag.tensor.LoadedWeights;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Brings matrices to the device through a ring of pinned pieces: several threads fill pieces (from the page cache, or by
 * making rows) while others are copied, as fast as the bus. Copies are queued on the computing stream: what is done with
 * the rows there follows each, and a place in the pool that was just given back may be written.
 *
 * <p>The owner's lock guards it; only the calling thread talks to the driver.
 */
final class WeightLoader implements AutoCloseable {
    private static final int DISABLE_TIMING = 2;
    private static final int PIECES = 8;
    static final long PIECE_BYTES = 4L << 20;

    /** Pieces that are being filled while others are copied. */
    private static final int FILLING = 4;

    /** One thread copies some 5 GB/s from the page cache. */
    private static final int THREADS = 4;

    private static final long IDLE_SECONDS = 2;

    /** Writes rows as they are to be copied, into a piece; called by several threads. */
    interface Filler {
        void fill(int row, int rows, MemorySegment piece);
    }

    /** Where rows go on the device. */
    interface Target {
        /** Address that rows from this one on are copied to. */
        long place(int row);

        /** Queues what makes rows that were copied there those of the weight. */
        void copied(int row, int rows);
    }

    private final CUstream stream;
    private final ThreadPoolExecutor threads;
    private final HostAddress block = new HostAddress();
    private final CUevent[] ended = new CUevent[PIECES];
    private final boolean[] used = new boolean[PIECES];
    private MemorySegment memory;
    private long bytes;
    private long nanoseconds;

    WeightLoader(CUstream stream) {
        this.stream = stream;
        int count = Math.min(THREADS, Runtime.getRuntime().availableProcessors());
        threads = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> Thread.ofPlatform()
                        .name("prag-weights")
                        .daemon()
                        .unstarted(task));
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Copies a matrix. When this returns, the source isn't needed any more; the last copies may still be under way.
     *
     * @param rowBytes of the source's rows, at most {@link #PIECE_BYTES}
     * @throws RuntimeException what the filler throws; no thread fills any more then
     */
    void load(int rows, long rowBytes, Filler filler, Target target) {
        long start = System.nanoTime();
        open();
        int atOnce = (int) Math.min(rows, PIECE_BYTES / rowBytes);
        int parts = Math.ceilDiv(rows, atOnce);
        CompletableFuture<?>[] filled = new CompletableFuture<?>[PIECES];
        try {
            for (int next = 0; next < parts + FILLING; next++) {
                if (next < parts) {
                    int row = next * atOnce;
                    int count = Math.min(atOnce, rows - row);
                    MemorySegment piece = freePiece(next % PIECES).asSlice(0, count * rowBytes);
                    filled[next % PIECES] = CompletableFuture.runAsync(() -> filler.fill(row, count, piece), threads);
                }
                int ready = next - FILLING;
                if (ready >= 0 && ready < parts) {
                    filled[ready % PIECES].join();
                    int row = ready * atOnce;
                    copy(ready % PIECES, row, Math.min(atOnce, rows - row), rowBytes, target);
                }
            }
        } catch (CompletionException e) {
            throw unwrapped(e);
        } finally {
            settle(filled);
        }
        bytes += rows * rowBytes;
        nanoseconds += System.nanoTime() - start;
    }

    /** Pins the ring when it is first needed. */
    private void open() {
        if (memory != null) {
            return;
        }
        Driver.checkPinned(JCudaDriver.cuMemHostAlloc(block, PIECES * PIECE_BYTES, 0), PIECES * PIECE_BYTES);
        for (int i = 0; i < PIECES; i++) {
            ended[i] = new CUevent();
            Driver.check(JCudaDriver.cuEventCreate(ended[i], DISABLE_TIMING), "cuEventCreate");
        }
        memory = MemorySegment.ofAddress(block.value()).reinterpret(PIECES * PIECE_BYTES);
    }

    private MemorySegment freePiece(int piece) {
        if (used[piece]) {
            Driver.check(JCudaDriver.cuEventSynchronize(ended[piece]), "cuEventSynchronize");
        }
        return memory.asSlice(piece * PIECE_BYTES, PIECE_BYTES);
    }

    private void copy(int piece, int row, int rows, long rowBytes, Target target) {
        Driver.check(
                JCudaDriver.cuMemcpyHtoDAsync(
                        Address.of(target.place(row)),
                        HostAddress.of(memory.asSlice(piece * PIECE_BYTES)),
                        rows * rowBytes,
                        stream),
                "cuMemcpyHtoDAsync");
        Driver.check(JCudaDriver.cuEventRecord(ended[piece], stream), "cuEventRecord");
        used[piece] = true;
        target.copied(row, rows);
    }

    private static RuntimeException unwrapped(CompletionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    /** Nobody may go on writing into the ring, or reading a source, that is used for something else next. */
    private static void settle(CompletableFuture<?>[] filled) {
        for (CompletableFuture<?> piece : filled) {
            if (piece != null) {
                piece.exceptionally(e -> null).join();
            }
        }
    }

    LoadedWeights loaded() {
        return new LoadedWeights(bytes, nanoseconds);
    }

    /** To be called when no copy is under way. */
    @Override
    public void close() {
        threads.shutdown();
        if (memory != null) {
            for (CUevent event : ended) {
                JCudaDriver.cuEventDestroy(event);
            }
            JCudaDriver.cuMemFreeHost(block);
        }
    }
}

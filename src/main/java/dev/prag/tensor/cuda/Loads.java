package dev.prag.tensor.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** Copies to the device beside what it computes, on a stream of their own; one after another. */
final class Loads {
    private static final int DISABLE_TIMING = 2;
    private static final int PIECES = 2;
    private static final long PIECE_BYTES = 8L << 20;

    private final CudaContext context;
    private final Staging staging;
    private final CUevent allocated = new CUevent();
    private final CUevent loaded = new CUevent();

    /** The context must be current. */
    Loads(CudaContext context) {
        this.context = context;
        staging = new Staging(context.copies(), PIECES, PIECE_BYTES);
        Driver.check(JCudaDriver.cuEventCreate(allocated, DISABLE_TIMING), "cuEventCreate");
        Driver.check(JCudaDriver.cuEventCreate(loaded, DISABLE_TIMING), "cuEventCreate");
        allocated();
    }

    /** Memory was filled with zeros by the computing stream, which copies must not overtake. */
    void allocated() {
        Driver.check(JCudaDriver.cuEventRecord(allocated, context.compute()), "cuEventRecord");
    }

    /** Queues a copy; the source may be written again when this returns. */
    void copy(long destination, MemorySegment source) {
        Driver.check(JCudaDriver.cuStreamWaitEvent(context.copies(), allocated, 0), "cuStreamWaitEvent");
        staging.upload(destination, source);
        Driver.check(JCudaDriver.cuEventRecord(loaded, context.copies()), "cuEventRecord");
    }

    /** What is computed from here on sees what was copied. */
    void seen() {
        Driver.check(JCudaDriver.cuStreamWaitEvent(context.compute(), loaded, 0), "cuStreamWaitEvent");
    }

    void close() {
        staging.close();
        JCudaDriver.cuEventDestroy(allocated);
        JCudaDriver.cuEventDestroy(loaded);
    }
}

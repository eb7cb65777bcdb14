package dev.prag.tensor.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Pinned host memory through which everything goes to the device and comes back: a ring of pieces, each written again once
 * the copies from it have ended, and one to read into. Of one stream; not for use by several threads at a time.
 */
final class Staging {
    private static final int DISABLE_TIMING = 2;

    private final CUstream stream;
    private final HostAddress block = new HostAddress();
    private final MemorySegment memory;
    /** One more piece, behind the ring, through which reads come. */
    private final MemorySegment reading;

    private final CUevent[] ended;
    private final boolean[] used;
    private final long pieceBytes;
    private int piece;
    private long filled;

    /** The context must be current. */
    Staging(CUstream stream, int pieces, long pieceBytes) {
        this.stream = stream;
        this.pieceBytes = pieceBytes;
        long bytes = (pieces + 1) * pieceBytes;
        Driver.checkPinned(JCudaDriver.cuMemHostAlloc(block, bytes, 0), bytes);
        MemorySegment all = MemorySegment.ofAddress(block.value()).reinterpret(bytes);
        memory = all.asSlice(0, pieces * pieceBytes);
        reading = all.asSlice(pieces * pieceBytes);
        ended = new CUevent[pieces];
        used = new boolean[pieces];
        for (int i = 0; i < pieces; i++) {
            ended[i] = new CUevent();
            Driver.check(JCudaDriver.cuEventCreate(ended[i], DISABLE_TIMING), "cuEventCreate");
        }
    }

    /** Queues a copy to the device; the source may be written again when this returns. */
    void upload(long destination, MemorySegment source) {
        long done = 0;
        while (done < source.byteSize()) {
            if (filled == pieceBytes) {
                next();
            }
            long count = Math.min(source.byteSize() - done, pieceBytes - filled);
            MemorySegment place = memory.asSlice(piece * pieceBytes + filled, count);
            place.copyFrom(source.asSlice(done, count));
            Driver.check(
                    JCudaDriver.cuMemcpyHtoDAsync(Address.of(destination + done), HostAddress.of(place), count, stream),
                    "cuMemcpyHtoDAsync");
            filled += count;
            done += count;
        }
    }

    private void next() {
        Driver.check(JCudaDriver.cuEventRecord(ended[piece], stream), "cuEventRecord");
        used[piece] = true;
        piece = (piece + 1) % ended.length;
        filled = 0;
        if (used[piece]) {
            Driver.check(JCudaDriver.cuEventSynchronize(ended[piece]), "cuEventSynchronize");
        }
    }

    /** Copies from the device, waiting for all that is queued. */
    void download(MemorySegment destination, long source) {
        long done = 0;
        while (done < destination.byteSize()) {
            long count = Math.min(destination.byteSize() - done, pieceBytes);
            MemorySegment place = reading.asSlice(0, count);
            Driver.check(
                    JCudaDriver.cuMemcpyDtoHAsync(HostAddress.of(place), Address.of(source + done), count, stream),
                    "cuMemcpyDtoHAsync");
            Driver.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
            destination.asSlice(done, count).copyFrom(place);
            done += count;
        }
    }

    void close() {
        for (CUevent event : ended) {
            JCudaDriver.cuEventDestroy(event);
        }
        JCudaDriver.cuMemFreeHost(block);
    }
}

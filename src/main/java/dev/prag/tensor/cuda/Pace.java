package dev.prag.tensor.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Keeps work that can wait from filling the queue of the GPU, so that a step that somebody waits for begins soon: no
 * more than a few dozen of its operations are ahead.
 */
final class Pace {
    private static final int DISABLE_TIMING = 2;
    private static final int AHEAD = 16;

    private final CUstream stream;
    private final CUevent[] marks = {new CUevent(), new CUevent()};
    private final boolean[] set = new boolean[2];
    private int operations;
    private int next;

    Pace(CUstream stream) {
        this.stream = stream;
        for (CUevent mark : marks) {
            Driver.check(JCudaDriver.cuEventCreate(mark, DISABLE_TIMING), "cuEventCreate");
        }
    }

    /** Before an operation that can wait. */
    void keep() {
        if (++operations < AHEAD) {
            return;
        }
        operations = 0;
        Driver.check(JCudaDriver.cuEventRecord(marks[next], stream), "cuEventRecord");
        set[next] = true;
        next ^= 1;
        if (set[next]) {
            Driver.check(JCudaDriver.cuEventSynchronize(marks[next]), "cuEventSynchronize");
        }
    }

    void close() {
        for (CUevent mark : marks) {
            JCudaDriver.cuEventDestroy(mark);
        }
    }
}

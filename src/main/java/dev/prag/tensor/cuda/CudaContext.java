package dev.prag.tensor.cuda;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** The primary context of a GPU, and its two streams: one computes, one brings adapters beside it. */
final class CudaContext {
    private static final int NON_BLOCKING = 1;

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream compute = new CUstream();
    private final CUstream copies = new CUstream();

    /** Opens it, and leaves it current on this thread. */
    CudaContext(int ordinal) {
        Driver.check(JCudaDriver.cuInit(0), "cuInit");
        Driver.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet");
        Driver.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        enter();
        Driver.check(JCudaDriver.cuStreamCreate(compute, NON_BLOCKING), "cuStreamCreate");
        Driver.check(JCudaDriver.cuStreamCreate(copies, NON_BLOCKING), "cuStreamCreate");
    }

    /** Makes it current on the calling thread; a virtual thread may run on another one each time. */
    void enter() {
        Driver.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    CUstream compute() {
        return compute;
    }

    CUstream copies() {
        return copies;
    }

    /** Bytes of the GPU that nobody has taken. */
    long free() {
        long[] free = new long[1];
        Driver.check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
        return free[0];
    }

    String deviceName() {
        byte[] name = new byte[256];
        Driver.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    /** Waits until nothing is under way, before all is freed; a device that is lost has nothing. */
    void settle() {
        JCudaDriver.cuCtxSetCurrent(context);
        JCudaDriver.cuStreamSynchronize(compute);
        JCudaDriver.cuStreamSynchronize(copies);
    }

    /** Gives the context up, and all that is still in it. */
    void close() {
        JCudaDriver.cuStreamDestroy(compute);
        JCudaDriver.cuStreamDestroy(copies);
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
    }
}

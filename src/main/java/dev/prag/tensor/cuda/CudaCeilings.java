package dev.prag.tensor.cuda;

import dev.prag.tensor.DeviceCeilings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * A GPU's: copies within its memory, products by cuBLAS, and what a launch costs through JCuda, alone and as a part of a
 * graph. It takes what memory it needs beside the device's pool, and less where little is left. For one thread.
 */
public final class CudaCeilings implements DeviceCeilings {
    private static final long COPIED = 1L << 30;
    /** Copies of a weight together are larger than the GPU's cache. */
    private static final long BEYOND_CACHE = 256L << 20;

    private static final int MOST_COPIES = 8;
    /** Of what is free, for one piece of work. */
    private static final int SHARE = 4;

    private static final int LAUNCHES = 300;
    private static final int BLOCK = 256;
    private static final int ELEMENTS = 1024;

    /** A run is so long that waiting for its end doesn't show. */
    private static final long LONG_NANOS = 2_000_000;

    private static final int MOST_REPEATS = 100;

    /** A small number in each type: bytes of zero would cost the multipliers less than real ones. */
    private static final byte PATTERN = 0x3c;

    private static final int CUBLAS_N = 0;
    private static final int CUBLAS_T = 1;
    private static final int DEFAULT_ALGORITHM = -1;

    /** cuBLAS's and the runtime's numbers for element types and for the type of sums. */
    private record Format(int bytes, int in, int out, int compute, boolean integers) {
        static Format of(Type type) {
            return switch (type) {
                case F32 -> new Format(4, 0, 0, 68, false);
                case BF16 -> new Format(2, 14, 0, 68, false);
                case INT8 -> new Format(1, 3, 10, 72, true);
            };
        }
    }

    private final CUdevice device = new CUdevice();
    private final CUstream stream = new CUstream();
    private final cublasHandle cublas = new cublasHandle();

    /** @param ordinal of a GPU that can be used, as {@link CudaDevices} tells */
    public CudaCeilings(int ordinal) {
        check(JCudaDriver.cuInit(0));
        check(JCudaDriver.cuDeviceGet(device, ordinal));
        CUcontext context = new CUcontext();
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        check(JCudaDriver.cuCtxSetCurrent(context));
        check(JCudaDriver.cuStreamCreate(stream, 1));
        checkCublas(JCublas2.cublasCreate(cublas));
        checkCublas(JCublas2.cublasSetStream(cublas, new cudaStream_t(stream)));
    }

    private static void check(int result) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new IllegalStateException("the driver says " + CUresult.stringFor(result));
        }
    }

    private static void checkCublas(int status) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new IllegalStateException("cuBLAS says " + cublasStatus.stringFor(status));
        }
    }

    /** Something that is queued once or several times, and then waited for. */
    private final class Queued implements Work {
        private final Runnable once;
        private final List<CUdeviceptr> memory;
        private final double each;
        private final int times;

        private Queued(Runnable once, double each, List<CUdeviceptr> memory) {
            this.once = once;
            this.each = each;
            this.memory = memory;
            enqueue(1);
            long start = System.nanoTime();
            enqueue(1);
            times = (int) Math.clamp(LONG_NANOS / Math.max(1, System.nanoTime() - start), 1, MOST_REPEATS);
        }

        private void enqueue(int count) {
            for (int i = 0; i < count; i++) {
                once.run();
            }
            check(JCudaDriver.cuStreamSynchronize(stream));
        }

        @Override
        public void run() {
            enqueue(times);
        }

        @Override
        public double amount() {
            return each * times;
        }

        @Override
        public void close() {
            memory.forEach(block -> check(JCudaDriver.cuMemFree(block)));
        }
    }

    private static CUdeviceptr allocate(long bytes) {
        CUdeviceptr block = new CUdeviceptr();
        check(JCudaDriver.cuMemAlloc(block, bytes));
        return block;
    }

    private static long free() {
        long[] free = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, new long[1]));
        return free[0];
    }

    @Override
    public String memoryName() {
        return "memory copy";
    }

    @Override
    public Work memory() {
        long bytes = Math.min(COPIED, free() / SHARE) / ELEMENTS * ELEMENTS;
        CUdeviceptr from = allocate(bytes);
        CUdeviceptr to = allocate(bytes);
        return new Queued(
                () -> check(JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, stream)), 2.0 * bytes, List.of(from, to));
    }

    @Override
    public List<Maker> products(Type type, int m, int n, int k) {
        return List.of(() -> product(Format.of(type), m, n, k));
    }

    private Work product(Format format, int m, int n, int k) {
        long weight = (long) format.bytes * n * k;
        long copies = Math.clamp(Math.min(BEYOND_CACHE, free() / SHARE) / weight, 1, MOST_COPIES);
        CUdeviceptr w = allocate(copies * weight);
        CUdeviceptr x = allocate((long) format.bytes * m * k);
        CUdeviceptr y = allocate(4L * m * n);
        check(JCudaDriver.cuMemsetD8(w, PATTERN, copies * weight));
        check(JCudaDriver.cuMemsetD8(x, PATTERN, (long) format.bytes * m * k));
        Pointer one = format.integers ? Pointer.to(new int[] {1}) : Pointer.to(new float[] {1});
        Pointer zero = format.integers ? Pointer.to(new int[] {0}) : Pointer.to(new float[] {0});
        int[] next = new int[1];
        return new Queued(
                () -> {
                    CUdeviceptr at = w.withByteOffset(next[0]++ % copies * weight);
                    // Row-major y = x·Wᵀ is column-major yᵀ = W·xᵀ.
                    checkCublas(JCublas2.cublasGemmEx_new(
                            cublas,
                            CUBLAS_T,
                            CUBLAS_N,
                            n,
                            m,
                            k,
                            one,
                            at,
                            format.in,
                            k,
                            x,
                            format.in,
                            k,
                            zero,
                            y,
                            format.out,
                            n,
                            format.compute,
                            DEFAULT_ALGORITHM));
                },
                2.0 * m * n * k,
                List.of(w, x, y));
    }

    @Override
    public List<Launch> launches() {
        return List.of(
                new Launch("a launch of a small kernel, one by one", () -> launching(false)),
                new Launch("a launch of a small kernel, " + LAUNCHES + " as a graph", () -> launching(true)));
    }

    private Work launching(boolean asGraph) {
        CUmodule module = new CUmodule();
        check(JCudaDriver.cuModuleLoadData(module, ptx("rows")));
        CUfunction fill = new CUfunction();
        check(JCudaDriver.cuModuleGetFunction(fill, module, "fill_f32"));
        CUdeviceptr block = allocate((long) ELEMENTS * Float.BYTES);
        Pointer arguments =
                Pointer.to(Pointer.to(block), Pointer.to(new float[] {1}), Pointer.to(new long[] {ELEMENTS}));
        Runnable all = () -> {
            for (int i = 0; i < LAUNCHES; i++) {
                check(JCudaDriver.cuLaunchKernel(
                        fill, ELEMENTS / BLOCK, 1, 1, BLOCK, 1, 1, 0, stream, arguments, null));
            }
        };
        if (!asGraph) {
            return new Queued(all, LAUNCHES, List.of(block));
        }
        CUgraph graph = new CUgraph();
        CUgraphExec ready = new CUgraphExec();
        check(JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        all.run();
        check(JCudaDriver.cuStreamEndCapture(stream, graph));
        check(JCudaDriver.cuGraphInstantiate(ready, graph, 0));
        return new Queued(() -> check(JCudaDriver.cuGraphLaunch(ready, stream)), LAUNCHES, List.of(block));
    }

    /** A file of kernels, ended by the zero that the driver looks for. */
    private static byte[] ptx(String family) {
        try (InputStream in = CudaCeilings.class.getResourceAsStream(family + ".ptx")) {
            byte[] text = in.readAllBytes();
            return Arrays.copyOf(text, text.length + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // The context may be a device's, which goes on.
        checkCublas(JCublas2.cublasDestroy(cublas));
        check(JCudaDriver.cuStreamDestroy(stream));
        check(JCudaDriver.cuDevicePrimaryCtxRelease(device));
    }
}

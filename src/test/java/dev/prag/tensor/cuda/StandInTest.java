package dev.prag.tensor.cuda;

import static jcuda.driver.JCudaDriver.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.tensor.BFloat16;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stand-in does what CUDA does, through JCuda as the device uses it, and says what a GPU would keep to itself. */
class StandInTest {
    private static final int OK = CUresult.CUDA_SUCCESS;
    private static final int NON_BLOCKING = 1;
    private static String ptx;

    private final CUstream one = new CUstream();
    private final CUstream other = new CUstream();
    private final CUmodule module = new CUmodule();

    @BeforeAll
    static void load() throws IOException {
        CudaStandIn.requireItself();
        ptx = Files.readString(Path.of("src/test/cuda/selftest.ptx"), StandardCharsets.UTF_8);
    }

    @BeforeEach
    void open() {
        CUdevice device = new CUdevice();
        ok(cuInit(0));
        ok(cuDeviceGet(device, 0));
        CUcontext context = new CUcontext();
        ok(cuDevicePrimaryCtxRetain(context, device));
        ok(cuCtxSetCurrent(context));
        ok(cuStreamCreate(one, NON_BLOCKING));
        ok(cuStreamCreate(other, NON_BLOCKING));
        ok(cuModuleLoadData(module, ptx));
    }

    @AfterEach
    void close() {
        CudaStandIn.mend();
        CUdevice device = new CUdevice();
        cuDeviceGet(device, 0);
        cuDevicePrimaryCtxRelease(device);
    }

    private static void ok(int result) {
        assertEquals(OK, result, () -> CUresult.stringFor(result));
    }

    private static CUdeviceptr floats(float... values) {
        CUdeviceptr at = new CUdeviceptr();
        ok(cuMemAlloc(at, 4L * values.length));
        ok(cuMemcpyHtoD(at, Pointer.to(values), 4L * values.length));
        return at;
    }

    private static CUdeviceptr empty(int bytes) {
        CUdeviceptr at = new CUdeviceptr();
        ok(cuMemAlloc(at, bytes));
        return at;
    }

    private static float[] read(CUdeviceptr at, int count) {
        float[] values = new float[count];
        ok(cuMemcpyDtoH(Pointer.to(values), at, 4L * count));
        return values;
    }

    private static int[] readInts(CUdeviceptr at, int count) {
        int[] values = new int[count];
        ok(cuMemcpyDtoH(Pointer.to(values), at, 4L * count));
        return values;
    }

    private CUfunction kernel(String name) {
        CUfunction function = new CUfunction();
        ok(cuModuleGetFunction(function, module, "selftest_" + name));
        return function;
    }

    private int launch(CUstream stream, String kernel, int blocks, int threads, int shared, Pointer... arguments) {
        return cuLaunchKernel(kernel(kernel), blocks, 1, 1, threads, 1, 1, shared, stream, Pointer.to(arguments), null);
    }

    private void fill(CUstream stream, CUdeviceptr x, int n, float value) {
        ok(launch(stream, "fill", (n + 63) / 64, 64, 0, Pointer.to(x), ints(n), Pointer.to(new float[] {value})));
    }

    private static Pointer ints(int... values) {
        return Pointer.to(values);
    }

    @Test
    void lanesExchangeWhatTheyHave() {
        CUdeviceptr out = empty(7 * 32 * 4);
        ok(launch(one, "warp", 1, 32, 0, Pointer.to(out)));
        ok(cuStreamSynchronize(one));
        int[] got = readInts(out, 7 * 32);
        int thirds = 0;
        for (int i = 0; i < 32; i += 3) {
            thirds |= 1 << i;
        }
        for (int i = 0; i < 32; i++) {
            assertEquals(5, got[i]);
            assertEquals(i + 3 < 32 ? i + 3 : i, got[32 + i]);
            assertEquals(i >= 3 ? i - 3 : i, got[64 + i]);
            assertEquals(i ^ 1, got[96 + i]);
            assertEquals(thirds, got[128 + i]);
            assertEquals(1, got[160 + i]);
            assertEquals(0, got[192 + i]);
        }
    }

    @Test
    void blocksShareMemoryAcrossABarrier() {
        int blocks = 40;
        float[] values = new float[blocks * 256];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        CUdeviceptr x = floats(values);
        ok(launch(one, "reverse", blocks, 256, 0, Pointer.to(x)));
        CUdeviceptr sums = empty(4 * blocks);
        ok(launch(one, "dynamic", blocks, 256, 1024, Pointer.to(sums), Pointer.to(x)));
        ok(cuStreamSynchronize(one));
        float[] got = read(x, values.length);
        float[] gotSums = read(sums, blocks);
        for (int b = 0; b < blocks; b++) {
            float sum = 0;
            for (int i = 0; i < 256; i++) {
                assertEquals(values[b * 256 + 255 - i], got[b * 256 + i]);
                sum += got[b * 256 + i];
            }
            assertEquals(sum, gotSums[b]);
        }
    }

    @Test
    void aMissingBarrierShows() {
        CUdeviceptr x = floats(new float[256]);
        ok(launch(one, "race", 1, 256, 0, Pointer.to(x)));
        ok(cuStreamSynchronize(one));
        float[] got = read(x, 256);
        int wrong = 0;
        for (float value : got) {
            wrong += Float.isNaN(value) ? 1 : 0;
        }
        assertTrue(wrong > 0, "what nobody has written yet isn't NaN");
    }

    @Test
    void atomicsCountAcrossBlocks() {
        CUdeviceptr counters = empty(6 * 4);
        ok(cuMemcpyHtoD(counters, ints(0, -1, 1 << 30, 0, 0, 0), 24));
        CUdeviceptr sum = floats(0);
        int threads = 64 * 128;
        ok(launch(one, "atomics", 64, 128, 0, Pointer.to(counters), Pointer.to(sum)));
        ok(cuStreamSynchronize(one));
        assertArrayEquals(
                new int[] {threads / 2 * (threads - 1), threads - 1, 0, (1 << 20) - 1, 1, 1}, readInts(counters, 6));
        assertEquals(threads, read(sum, 1)[0]);
    }

    @Test
    void tensorCoresMultiplyTiles() {
        Random random = new Random(4);
        short[] a = new short[256];
        short[] b = new short[256];
        for (int i = 0; i < 256; i++) {
            a[i] = BFloat16.bits(random.nextInt(9) - 4);
            b[i] = BFloat16.bits(random.nextInt(9) - 4);
        }
        CUdeviceptr x = empty(512);
        CUdeviceptr y = empty(512);
        CUdeviceptr d = empty(1024);
        ok(cuMemcpyHtoD(x, Pointer.to(a), 512));
        ok(cuMemcpyHtoD(y, Pointer.to(b), 512));
        ok(launch(one, "tensor_core", 1, 32, 0, Pointer.to(d), Pointer.to(x), Pointer.to(y)));
        ok(cuStreamSynchronize(one));
        float[] got = read(d, 256);
        for (int i = 0; i < 16; i++) {
            for (int j = 0; j < 16; j++) {
                float sum = 0;
                for (int k = 0; k < 16; k++) {
                    sum += BFloat16.value(a[i * 16 + k]) * BFloat16.value(b[j * 16 + k]);
                }
                assertEquals(sum, got[i * 16 + j]);
            }
        }
    }

    @Test
    void threadsThatWaitAtDifferentPlacesAreNamed() {
        CUdeviceptr x = floats(new float[32]);
        ok(launch(one, "divergent", 1, 32, 0, Pointer.to(x)));
        assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, cuStreamSynchronize(one));
        assertTrue(CudaStandIn.problem().contains("selftest_divergent"), CudaStandIn.problem());
        assertTrue(CudaStandIn.problem().contains("thread (1, 0, 0)"), CudaStandIn.problem());
        assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, cuCtxSynchronize());
    }

    @Test
    void memoryThatNobodyWroteIsNotANumber() {
        for (int count : new int[] {5, 1 << 20}) {
            for (float value : read(empty(4 * count), count)) {
                assertTrue(Float.isNaN(value));
            }
        }
    }

    @Test
    void kernelsThatLeaveTheirMemoryFail() {
        CUdeviceptr x = floats(new float[64]);
        fill(one, x, 128, 1);
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(one));
        assertTrue(CudaStandIn.problem().contains(" bytes behind an allocation of 256 bytes"), CudaStandIn.problem());
        CudaStandIn.mend();
        // into what an allocation's end leaves of its page
        CUdeviceptr short_ = floats(new float[60]);
        fill(one, short_, 61, 1);
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(one));
        assertTrue(CudaStandIn.problem().contains("written behind"), CudaStandIn.problem());
    }

    @Test
    void copiesThatLeaveTheirMemoryAreRefused() {
        CUdeviceptr x = floats(new float[60]);
        CUdeviceptr y = floats(new float[60]);
        int invalid = CUresult.CUDA_ERROR_INVALID_VALUE;
        assertEquals(invalid, cuMemcpyHtoD(x, Pointer.to(new float[61]), 244));
        assertEquals(invalid, cuMemcpyDtoH(Pointer.to(new float[61]), x, 244));
        assertEquals(invalid, cuMemcpyDtoDAsync(x.withByteOffset(8), y, 240, one));
        assertEquals(invalid, cuMemsetD32Async(x, 0, 61, one));
        ok(cuMemFree(y));
        assertEquals(invalid, cuMemcpyDtoDAsync(x, y, 4, one));
        assertEquals(invalid, cuMemFree(y));
    }

    @Test
    void modulesAndLaunchesThatDoNotFitAreRefused() {
        CUmodule bad = new CUmodule();
        assertEquals(
                CUresult.CUDA_ERROR_INVALID_PTX, cuModuleLoadData(bad, ptx.replace("selftest_race", "selftest_gone")));
        assertTrue(CudaStandIn.problem().contains("selftest_gone"), CudaStandIn.problem());
        assertEquals(
                CUresult.CUDA_ERROR_INVALID_PTX,
                cuModuleLoadData(bad, ptx.replace(".param .u32 selftest_fill_param_1", ".param .u64 x")));
        assertTrue(CudaStandIn.problem().contains("selftest_fill has as parameter 1"), CudaStandIn.problem());
        assertEquals(
                CUresult.CUDA_ERROR_INVALID_PTX,
                cuModuleLoadData(bad, ptx.replace(".param .f32 selftest_fill_param_2", ".param .u32 x")));
        assertEquals(CUresult.CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(new CUfunction(), module, "nothing"));
        Pointer x = Pointer.to(floats(new float[512]));
        int invalid = CUresult.CUDA_ERROR_INVALID_VALUE;
        assertEquals(invalid, launch(one, "race", 1, 2048, 0, x));
        assertEquals(invalid, launch(one, "race", 0, 32, 0, x));
        assertEquals(invalid, launch(one, "reverse", 1, 512, 0, x)); // __launch_bounds__(256)
        assertEquals(invalid, launch(one, "dynamic", 1, 32, 50_000, x, x));
        CUfunction dynamic = kernel("dynamic");
        int most = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        assertEquals(invalid, cuFuncSetAttribute(dynamic, most, 101_377));
        ok(cuFuncSetAttribute(dynamic, most, 50_000));
        ok(launch(one, "dynamic", 1, 32, 50_000, x, x));
        assertEquals(invalid, launch(one, "race", 1, 32, 0, Pointer.to(new long[] {42})));
    }

    @Test
    void aThreadNeedsAContext() throws InterruptedException {
        int[] result = new int[1];
        Thread.ofPlatform()
                .start(() -> result[0] = cuMemAlloc(new CUdeviceptr(), 4))
                .join();
        assertEquals(CUresult.CUDA_ERROR_INVALID_CONTEXT, result[0]);
    }

    /** What the sum of two streams' work is in many orders. */
    private Set<Float> sums(boolean event) {
        Set<Float> seen = new TreeSet<>();
        CUevent filled = new CUevent();
        ok(cuEventCreate(filled, 0));
        CUdeviceptr x = floats(0);
        CUdeviceptr out = floats(0);
        for (int seed = 0; seed < 60; seed++) {
            CudaStandIn.seed(seed);
            fill(one, x, 1, 1);
            ok(cuStreamSynchronize(one));
            fill(other, x, 1, 2);
            ok(cuEventRecord(filled, other));
            if (event) {
                ok(cuStreamWaitEvent(one, filled, 0));
            }
            ok(launch(one, "add", 1, 32, 0, Pointer.to(out), Pointer.to(x), Pointer.to(x), Pointer.to(new long[] {1})));
            ok(cuCtxSynchronize());
            seen.add(read(out, 1)[0]);
        }
        return seen;
    }

    @Test
    void aMissingEventShows() {
        assertEquals(Set.of(2f, 4f), sums(false));
        assertEquals(Set.of(4f), sums(true));
    }

    @Test
    void pinnedMemoryIsReadWhenTheCopyRuns() {
        Pointer staging = new Pointer();
        ok(cuMemHostAlloc(staging, 4, 0));
        var buffer = staging.getByteBuffer(0, 4).order(java.nio.ByteOrder.nativeOrder());
        CUdeviceptr x = floats(0);
        Set<Float> seen = new HashSet<>();
        for (int seed = 0; seed < 60; seed++) {
            CudaStandIn.seed(seed);
            buffer.putFloat(0, 1);
            ok(cuMemcpyHtoDAsync(x, staging, 4, one));
            buffer.putFloat(0, 2);
            ok(cuStreamSynchronize(one));
            seen.add(read(x, 1)[0]);
        }
        assertEquals(Set.of(1f, 2f), seen);
        ok(cuMemFreeHost(staging));
    }

    @Test
    void graphsRunAgainWhatWasCaptured() {
        CUdeviceptr x = floats(0);
        CUdeviceptr y = floats(5);
        Pointer n = Pointer.to(new long[] {1});
        CUgraph graph = new CUgraph();
        CUgraphExec exec = new CUgraphExec();
        ok(cuStreamBeginCapture(one, 1));
        ok(launch(one, "add", 1, 32, 0, Pointer.to(x), Pointer.to(x), Pointer.to(y), n));
        ok(launch(one, "add", 1, 32, 0, Pointer.to(x), Pointer.to(x), Pointer.to(y), n));
        ok(cuStreamEndCapture(one, graph));
        ok(cuGraphInstantiate(exec, graph, 0));
        ok(cuGraphDestroy(graph));
        assertEquals(0, read(x, 1)[0]);
        for (int i = 0; i < 3; i++) {
            ok(cuGraphLaunch(exec, one));
        }
        ok(cuStreamSynchronize(one));
        assertEquals(30, read(x, 1)[0]);
        ok(cuGraphExecDestroy(exec));
    }

    @Test
    void whatCannotBeCapturedBreaksTheCapture() {
        ok(cuStreamBeginCapture(one, 1));
        assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuStreamSynchronize(one));
        assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(one, new CUgraph()));
        ok(cuStreamBeginCapture(one, 1));
        assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuMemAlloc(new CUdeviceptr(), 4));
        assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(one, new CUgraph()));
    }

    @Test
    void productsAreThoseOfCublasRowByRow() {
        Random random = new Random(3);
        int out = 37;
        int rows = 11;
        int in = 50;
        float[] w = new float[out * in];
        float[] x = new float[rows * in];
        for (float[] values : List.of(w, x)) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
        }
        cublasHandle handle = new cublasHandle();
        assertEquals(0, JCublas2.cublasCreate(handle));
        assertEquals(0, JCublas2.cublasSetStream(handle, new cudaStream_t(one)));
        CUdeviceptr dw = floats(w);
        CUdeviceptr dx = floats(x);
        CUdeviceptr all = empty(4 * rows * out);
        CUdeviceptr single = empty(4 * out);
        assertEquals(0, gemm(handle, out, rows, in, dw, dx, all));
        assertEquals(0, gemm(handle, out, 1, in, dw, dx.withByteOffset(4L * 7 * in), single));
        ok(cuStreamSynchronize(one));
        float[] got = read(all, rows * out);
        float[] alone = read(single, out);
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < out; o++) {
                double sum = 0;
                for (int k = 0; k < in; k++) {
                    sum += (double) w[o * in + k] * x[r * in + k];
                }
                assertEquals(sum, got[r * out + o], 1e-4);
                if (r == 7) {
                    assertEquals(got[r * out + o], alone[o]);
                }
            }
        }
        assertNotEquals(0, gemm(handle, out, rows + 1, in, dw, dx, all));
        assertEquals(0, JCublas2.cublasDestroy(handle));
    }

    private static int gemm(cublasHandle handle, int m, int n, int k, CUdeviceptr w, CUdeviceptr x, CUdeviceptr y) {
        Pointer alpha = Pointer.to(new float[] {1});
        Pointer beta = Pointer.to(new float[] {0});
        return JCublas2.cublasGemmEx_new(handle, 1, 0, m, n, k, alpha, w, 0, k, x, 0, k, beta, y, 0, m, 68, -1);
    }

    @Test
    void whatIsAskedToFailFails() {
        CudaStandIn.fail("alloc", 2);
        CUdeviceptr x = floats(1);
        assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc(new CUdeviceptr(), 4));
        CudaStandIn.fail("pinned", 1);
        assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, cuMemHostAlloc(new Pointer(), 4, 0));
        CudaStandIn.fail("launch", 1);
        Pointer[] arguments = {Pointer.to(x), ints(1), Pointer.to(new float[] {1})};
        assertEquals(CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, launch(one, "fill", 1, 32, 0, arguments));
        ok(launch(one, "fill", 1, 32, 0, arguments));
        CudaStandIn.fail("device-lost", 1);
        fill(one, x, 1, 3);
        assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, cuStreamSynchronize(one));
        assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, cuMemAlloc(new CUdeviceptr(), 4));
        CudaStandIn.mend();
        CudaStandIn.fail("no-device", 1);
        assertEquals(CUresult.CUDA_ERROR_NO_DEVICE, cuInit(0));
        CudaStandIn.mend();
        CudaStandIn.fail("old-driver", 1);
        int[] version = new int[1];
        ok(cuDriverGetVersion(version));
        assertTrue(version[0] < 12_000);
        assertEquals(CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION, cuModuleLoadData(new CUmodule(), ptx));
    }

    @Test
    void aContextThatIsGivenUpTakesItsMemoryAlong() {
        CUdeviceptr x = floats(1, 2, 3);
        assertTrue(CudaStandIn.count("bytes") > 0);
        close();
        assertEquals(0, CudaStandIn.count("bytes"));
        assertEquals(0, CudaStandIn.count("streams"));
        assertEquals(CUresult.CUDA_ERROR_INVALID_CONTEXT, cuMemFree(x));
        open();
        assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, cuMemFree(x));
    }
}

package dev.prag.tensor.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

/** Hands commands to the driver and to cuBLAS, on one stream. */
final class Issuer {
    /** What NVIDIA advises for its newest cards, and enough for all. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private static final int MOST_ARGUMENTS = 32;
    private static final int DEFAULT_ALGORITHM = -1;

    private final Kernels kernels;
    private final CUstream stream;
    private final cublasHandle blas = new cublasHandle();
    /** Values of a kernel's arguments, eight bytes each, and the table of where they lie. */
    private final MemorySegment arguments = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MOST_ARGUMENTS);

    private final MemorySegment places = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MOST_ARGUMENTS);
    private final Pointer kernelParameters = HostAddress.of(places);

    /** The context must be current. */
    Issuer(Kernels kernels, CUstream stream, MemoryPool pool) {
        this.kernels = kernels;
        this.stream = stream;
        for (int i = 0; i < MOST_ARGUMENTS; i++) {
            places.setAtIndex(ValueLayout.JAVA_LONG, i, arguments.address() + 8L * i);
        }
        Driver.checkBlas(JCublas2.cublasCreate(blas), "cublasCreate");
        Driver.checkBlas(JCublas2.cublasSetStream(blas, new cudaStream_t(stream)), "cublasSetStream");
        Address workspace = Address.of(pool.take(WORKSPACE_BYTES));
        Driver.checkBlas(JCublas2.cublasSetWorkspace(blas, workspace, WORKSPACE_BYTES), "cublasSetWorkspace");
    }

    /** Issues all commands in their order. */
    void issue(Commands commands) {
        int at = 0;
        while (at < commands.length()) {
            at += switch ((int) commands.get(at)) {
                case Commands.KERNEL -> kernel(commands, at);
                case Commands.COPY -> copy(commands, at);
                case Commands.FILL -> fill(commands, at);
                default -> product(commands, at);
            };
        }
    }

    private int kernel(Commands commands, int at) {
        Kernel kernel = kernels.get((int) commands.get(at + 1));
        int count = kernel.parameters().length();
        int first = at + Launch.HEAD_WORDS;
        for (int i = 0; i < count; i++) {
            arguments.setAtIndex(ValueLayout.JAVA_LONG, i, commands.get(first + i));
        }
        int result = JCudaDriver.cuLaunchKernel(
                kernel.function(),
                (int) commands.get(at + 2),
                (int) commands.get(at + 3),
                (int) commands.get(at + 4),
                (int) commands.get(at + 5),
                1,
                1,
                (int) commands.get(at + 6),
                stream,
                kernelParameters,
                null);
        if (result != 0) {
            Driver.check(result, "cuLaunchKernel " + kernel.name());
        }
        return Launch.HEAD_WORDS + count;
    }

    private int copy(Commands commands, int at) {
        Driver.check(
                JCudaDriver.cuMemcpyDtoDAsync(
                        Address.of(commands.get(at + 1)),
                        Address.of(commands.get(at + 2)),
                        commands.get(at + 3),
                        stream),
                "cuMemcpyDtoDAsync");
        return 4;
    }

    private int fill(Commands commands, int at) {
        Driver.check(
                JCudaDriver.cuMemsetD32Async(
                        Address.of(commands.get(at + 1)), (int) commands.get(at + 2), commands.get(at + 3), stream),
                "cuMemsetD32Async");
        return 4;
    }

    private int product(Commands commands, int at) {
        Product p = Product.decode(commands, at);
        boolean integers = p.compute() == Product.COMPUTE_I32;
        Pointer alpha = integers ? Pointer.to(new int[] {(int) p.alpha()}) : Pointer.to(new float[] {p.alpha()});
        Pointer beta = integers ? Pointer.to(new int[] {(int) p.beta()}) : Pointer.to(new float[] {p.beta()});
        int opA = p.transposeA() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
        int opB = p.transposeB() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
        if (p.count() == 1) {
            Driver.checkBlas(
                    JCublas2.cublasGemmEx_new(
                            blas,
                            opA,
                            opB,
                            p.m(),
                            p.n(),
                            p.k(),
                            alpha,
                            Address.of(p.a()),
                            p.typeA(),
                            p.lda(),
                            Address.of(p.b()),
                            p.typeB(),
                            p.ldb(),
                            beta,
                            Address.of(p.c()),
                            p.typeC(),
                            p.ldc(),
                            p.compute(),
                            DEFAULT_ALGORITHM),
                    "cublasGemmEx");
        } else {
            Driver.checkBlas(
                    JCublas2.cublasGemmStridedBatchedEx_new(
                            blas,
                            opA,
                            opB,
                            p.m(),
                            p.n(),
                            p.k(),
                            alpha,
                            Address.of(p.a()),
                            p.typeA(),
                            p.lda(),
                            p.strideA(),
                            Address.of(p.b()),
                            p.typeB(),
                            p.ldb(),
                            p.strideB(),
                            beta,
                            Address.of(p.c()),
                            p.typeC(),
                            p.ldc(),
                            p.strideC(),
                            p.count(),
                            p.compute(),
                            DEFAULT_ALGORITHM),
                    "cublasGemmStridedBatchedEx");
        }
        return Product.WORDS;
    }

    void close() {
        JCublas2.cublasDestroy(blas);
    }
}

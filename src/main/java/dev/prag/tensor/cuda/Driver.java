package dev.prag.tensor.cuda;

import dev.prag.base.UserException;
import dev.prag.tensor.DeviceLostException;
import java.util.Set;
import jcuda.driver.CUresult;
import jcuda.jcublas.cublasStatus;

/** What result codes of the driver and of cuBLAS mean to us. */
final class Driver {
    /** After one of these the context is of no more use; every later call answers the same. */
    private static final Set<Integer> LOST = Set.of(
            CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
            CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
            CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
            CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
            CUresult.CUDA_ERROR_ASSERT,
            CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
            CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
            CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
            CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
            CUresult.CUDA_ERROR_INVALID_PC,
            CUresult.CUDA_ERROR_LAUNCH_FAILED,
            CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
            CUresult.CUDA_ERROR_UNKNOWN);

    private Driver() {}

    /**
     * Throws unless the call succeeded.
     *
     * @param call its name
     * @throws DeviceLostException if the device is of no more use
     * @throws UserException if there is too little memory
     */
    static void check(int result, String call) {
        if (result == CUresult.CUDA_SUCCESS) {
            return;
        }
        String error = CUresult.stringFor(result);
        if (LOST.contains(result)) {
            throw new DeviceLostException("the GPU stopped working (" + call + ": " + error
                    + "); start the program again, and look at what nvidia-smi and the system's log say");
        }
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "the GPU has too little memory (" + call
                            + "); end what else uses it, or give prag.cuda.memory less");
        }
        throw new IllegalStateException(call + ": " + error);
    }

    /** As {@link #check}, of a call that pins memory of the host. */
    static void checkPinned(int result, long bytes) {
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "the machine can't pin " + (bytes >> 20) + " MiB of its memory for copies to the GPU; end what else"
                            + " needs memory, or give the container more");
        }
        check(result, "cuMemHostAlloc");
    }

    /** As {@link #check}, of a call of cuBLAS. */
    static void checkBlas(int status, String call) {
        if (status == cublasStatus.CUBLAS_STATUS_SUCCESS) {
            return;
        }
        String error = cublasStatus.stringFor(status);
        if (status == cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED) {
            throw new DeviceLostException("the GPU stopped working (" + call + ": " + error
                    + "); start the program again, and look at what nvidia-smi and the system's log say");
        }
        throw new IllegalStateException(call + ": " + error);
    }
}

package dev.prag.tensor.cuda;

import dev.prag.tensor.DType;

/**
 * How a GPU is used.
 *
 * @param ordinal which of the GPUs that the driver shows
 * @param memoryBytes of its memory, taken when it is opened; 0 for 90% of what is free then
 * @param cacheType of keys and values that are kept: BF16 or F32
 * @param graphs whether operations that come again alike are launched as one CUDA graph
 */
public record CudaSettings(int ordinal, long memoryBytes, DType cacheType, boolean graphs) {
    /** What suits serving. */
    public static CudaSettings of(int ordinal) {
        return new CudaSettings(ordinal, 0, DType.BF16, true);
    }
}

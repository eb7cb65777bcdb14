package dev.prag.tensor.cuda;

/**
 * A GPU of this machine.
 *
 * @param ordinal its number, as the driver counts those that this process may see
 * @param name such as {@code NVIDIA H100 80GB HBM3}
 * @param capability its compute capability, such as {@code 9.0}
 * @param totalBytes of its memory
 * @param freeBytes of it that nobody uses now; 0 where that can't be told
 * @param problem why it can't be used, with the remedy; null if it can
 */
public record CudaInfo(int ordinal, String name, String capability, long totalBytes, long freeBytes, String problem) {}

/**
 * The CPU as a {@link dev.prag.tensor.Device}: what is computed where, and by which thread.
 *
 * <p><b>Memory.</b> Tensors are blocks outside of the heap ({@code CpuMemory}), addressed as C addresses them
 * ({@code Vec.ALL}); shapes are checked at the door, in {@link dev.prag.tensor.cpu.CpuDevice}, and not again inside. A
 * weight ({@code CpuWeight}) is the mapped file itself where its type is the type of the products, plus a copy in the
 * layout that oneDNN likes best for decoding.
 *
 * <p><b>Products</b> of activations and weights are oneDNN's ({@code Products}, {@code OneDnn}). F32 weights are
 * multiplied in f32. For BF16 weights the activations are rounded to bfloat16, sums are f32, and so is the result. A CPU
 * without products of bfloat16 computes with the same rounded numbers in f32: the same answers within the order of
 * summation. So does, for the many rows of a training, one that is faster in f32 (Intel's with AVX-512 but without AMX).
 * There, and on the way back, W is widened part by part, into memory that stays in the cache; for fewer rows a CPU without
 * products of bfloat16 keeps a wider copy of the weights (a single row is multiplied with the file's own numbers, in {@code
 * Bf16Rows}). I8 weights are multiplied as exact sums of integers, with activations, or gradients on the way
 * back, that are quantised by row ({@code Int8Rows}); activations have a second byte for outliers ({@code
 * QuantisedActivations}). Where the CPU has no exact products of bytes the same integers are
 * multiplied as bfloat16 or f32, which hold them. A product is compiled for its shape; how many rows it takes at once is
 * decided in {@code Products}.
 *
 * <p>The copy of W for the forward product is cut into parts that fit the cache of a core. For a few rows, where reading
 * W is all that takes time, {@code CacheFill} finds out whether it is faster to bring a part into the cache first.
 *
 * <p><b>All else</b> is Java's Vector API: elements and rows in {@code CpuRows} by the kernels of {@code Rows},
 * attention in {@code CpuAttention} over the small products of {@code Tiles} and, in decoding, {@code InPlace}; low-rank
 * side branches in {@code CpuLora}, softmax and sampling in {@code Probabilities} and what it uses. Hot loops load and
 * store whole vectors; a single float is read from memory only where it is one of many in a row.
 *
 * <p><b>Threads.</b> One pool ({@code Pool}) of dedicated daemon threads, in which the caller takes part: an operation
 * is cut by columns of a product, rows, heads or ranges, each part is computed by one thread alone, and the operation
 * ends when all parts have. How a sum is cut depends on shapes only, never on who else is in the batch. oneDNN's own
 * threads are off: {@code OMP_NUM_THREADS} must be 1. An operation too small to be worth sharing stays with the caller.
 */
package dev.prag.tensor.cpu;

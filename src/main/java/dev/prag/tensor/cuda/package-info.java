/**
 * An NVIDIA GPU as a {@link dev.prag.tensor.Device}, through JCuda's driver API and cuBLAS.
 *
 * <p><b>Memory.</b> One block of the GPU's memory is taken when the device is opened ({@code MemoryPool}); tensors,
 * weights, caches and what operations need meanwhile ({@code Room}) are places in it. An operation's results are written
 * where {@code Core.out} says, which also forgets a bf16 copy of what stood there.
 *
 * <p><b>Operations</b> are written as commands into a {@code Queue}: launches of kernels ({@code Launch}), products of
 * cuBLAS ({@code Product}), copies and fills. Outside of a recording each goes to the driver at once ({@code Issuer}),
 * on one stream, so that they run in their order. Nothing waits but reading.
 *
 * <p><b>Recordings.</b> Between the brackets of {@link dev.prag.tensor.Device#repeated} commands are gathered as words.
 * Words that come again are launched as one CUDA graph ({@code Graphs}): a step of decoding is some three hundred
 * kernels, whose launches one by one take longer than they do. So that words come again, whatever changes from step to
 * step must not be an argument of a kernel: ids, positions, block tables, spans and the places of adapters go through
 * {@code Metadata}, into tables at addresses that stay. A grid may depend on shapes only; where a kernel's work depends
 * on lengths, the grid covers a rounded length and superfluous blocks return.
 *
 * <p><b>Products.</b> Activations are F32. For BF16 weights a product reads them rounded: {@code Rounded} keeps the copy
 * that was made last, since q, k and v, and gate and up, read the same one. I8 weights read integers of two bytes
 * ({@code Int8Products}). Merging has a kernel of its own ({@code CudaMerge}).
 *
 * <p><b>Weights</b> lie in the pool once, row-major ({@code CudaWeight}). {@code WeightLoader} brings them through pinned
 * pieces that several threads fill with the bytes of a file; they are rounded, widened or quantised on the GPU.
 *
 * <p><b>Kernels</b> lie in src/main/cuda, a file for a family of operations, forward beside backward, and are loaded
 * from the PTX beside this class ({@code Kernels}). Their parameters are checked against what PTX declares.
 *
 * <p><b>Threads.</b> A lock serialises operations, as everywhere. The context is made current at the beginning of each,
 * because a virtual thread may have moved. Adapters are copied on a second stream beside what is computed
 * ({@link dev.prag.tensor.Device#load}); operations that are queued later wait for the copy.
 */
package dev.prag.tensor.cuda;

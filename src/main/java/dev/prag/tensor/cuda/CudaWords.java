package dev.prag.tensor.cuda;

/** What the driver's errors mean to whoever looks for a GPU, with the remedy. */
final class CudaWords {
    static final String NO_DEVICE = "CUDA_ERROR_NO_DEVICE";

    private CudaWords() {}

    /** Of an error at the start of the driver: no GPU can be used. */
    static String start(String error) {
        return switch (error) {
            case NO_DEVICE ->
                "the driver finds no GPU; see what nvidia-smi says, whether CUDA_VISIBLE_DEVICES hides it, and whether"
                        + " the container was given one (docker run --gpus all)";
            case "CUDA_ERROR_INVALID_DEVICE" ->
                "CUDA_VISIBLE_DEVICES names a GPU that isn't there; mend it, or leave it out";
            case "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" ->
                "the driver's library doesn't fit its kernel module; restart the machine, as after an update, or have"
                        + " the container mount the library of the machine's own driver";
            case "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE" ->
                "libcuda.so.1 is that of CUDA's compatibility package, which this GPU doesn't take; install a newer"
                        + " driver, or take the package out of LD_LIBRARY_PATH";
            case "CUDA_ERROR_STUB_LIBRARY" ->
                "libcuda.so.1 is a stub that programs are built with; take its folder out of LD_LIBRARY_PATH";
            case "CUDA_ERROR_SYSTEM_NOT_READY" ->
                "the machine's GPUs are not ready; start NVIDIA's Fabric Manager (nvidia-fabricmanager)";
            default ->
                "the driver doesn't start (" + error + "); see what nvidia-smi says, and whether the program may"
                        + " open /dev/nvidia*";
        };
    }

    /** Of an error of one GPU. */
    static String use(String error) {
        return switch (error) {
            case "CUDA_ERROR_OUT_OF_MEMORY" -> "its memory is taken; end what uses it, as nvidia-smi shows";
            case "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA_ERROR_DEVICES_UNAVAILABLE" ->
                "another process has it for itself; end that, or set the GPU's compute mode to default";
            case "CUDA_ERROR_ECC_UNCORRECTABLE" -> "its memory is damaged (ECC); reset the GPU, or use another";
            default -> "it can't be used (" + error + "); see what nvidia-smi says";
        };
    }
}

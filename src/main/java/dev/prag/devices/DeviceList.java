package dev.prag.devices;

import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.cuda.CudaDevices;
import dev.prag.tensor.cuda.CudaInfo;

/**
 * What computes on this machine.
 *
 * @param processor its name with its instructions, such as {@code CPU, 16 threads, avx512_core_amx}
 * @param threads it would compute with
 * @param gpus the GPUs, and what is in the way
 * @param automatic what {@code auto} takes: {@code cpu} or {@code cuda:N}
 */
public record DeviceList(String processor, int threads, CudaDevices.Report gpus, String automatic) {
    /** Looks. */
    public static DeviceList here() {
        int threads = Runtime.getRuntime().availableProcessors();
        return of(processor(threads), threads, CudaDevices.list(), CudaDevices.driverIsThere());
    }

    private static String processor(int threads) {
        try (CpuDevice cpu = new CpuDevice(threads)) {
            return cpu.name();
        } catch (LinkageError e) {
            return "can't be used: oneDNN for this system is no part of this program";
        }
    }

    /** @param worthwhile whether {@code auto} looks at GPUs at all */
    static DeviceList of(String processor, int threads, CudaDevices.Report gpus, boolean worthwhile) {
        String automatic = worthwhile
                ? DeviceChoice.mostFree(gpus.usable()).map(DeviceList::word).orElse(DeviceChoice.CPU)
                : DeviceChoice.CPU;
        return new DeviceList(processor, threads, gpus, automatic);
    }

    /** What {@code --device} calls a GPU. */
    public static String word(CudaInfo gpu) {
        return DeviceChoice.CUDA + ":" + gpu.ordinal();
    }
}

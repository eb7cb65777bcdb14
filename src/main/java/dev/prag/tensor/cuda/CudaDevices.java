package dev.prag.tensor.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import jcuda.CudaException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The GPUs of this machine, and what is in the way where they can't be used. Nothing here throws for want of one. */
public final class CudaDevices {
    /** The oldest driver that reads the kernels' PTX, as the version of CUDA that it speaks: 12.5 is driver 555. */
    static final int LEAST_DRIVER = 12_050;

    /** The oldest compute capability that has bf16: 8.0, Ampere. */
    static final int LEAST_MAJOR = 8;

    private static final int LONGEST_NAME = 256;

    private CudaDevices() {}

    /**
     * What is there.
     *
     * @param driver versions of the driver and of cuBLAS as far as they are known, such as {@code driver 560.35.03, CUDA
     *     12.6, cuBLAS 12.6.4.1}; null without a driver
     * @param problem why no GPU at all can be used, with the remedy; null if nothing but the GPUs themselves decides
     * @param devices in the order of their ordinals
     */
    public record Report(String driver, String problem, List<CudaInfo> devices) {
        public Report {
            devices = List.copyOf(devices);
        }

        /** Those that can be used. */
        public List<CudaInfo> usable() {
            return problem != null
                    ? List.of()
                    : devices.stream()
                            .filter(device -> device.problem() == null)
                            .toList();
        }
    }

    /**
     * Whether this machine has a driver, told without loading anything: where it hasn't, {@link #list} is not worth its
     * time to a program that would compute on the processor as well.
     */
    public static boolean driverIsThere() {
        return CudaNatives.unsupported() == null
                && SharedLibraries.find(CudaNatives.DRIVER).isPresent();
    }

    /** Looks at the driver, the libraries and each GPU. Takes some hundred milliseconds where there are any. */
    public static Report list() {
        String unsupported = CudaNatives.unsupported();
        if (unsupported != null) {
            return new Report(null, unsupported, List.of());
        }
        Optional<String> missing = CudaNatives.driver();
        if (missing.isPresent()) {
            return new Report(null, missing.get(), List.of());
        }
        // On a thread of its own: the driver keeps a current context for each thread, and the caller may have one.
        CompletableFuture<Report> report = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("prag-cuda-probe").start(() -> {
            try {
                report.complete(probe());
            } catch (RuntimeException | LinkageError e) {
                report.completeExceptionally(e);
            }
        });
        return report.join();
    }

    private static Report probe() {
        String refused = refusal(() -> JCudaDriver.cuInit(0));
        int[] version = new int[1];
        String unknown = refusal(() -> JCudaDriver.cuDriverGetVersion(version));
        String driver = versions(unknown == null ? version[0] : 0);
        if (refused != null) {
            return new Report(driver, CudaWords.start(refused), List.of());
        }
        if (unknown == null && version[0] < LEAST_DRIVER) {
            return new Report(
                    driver,
                    "the driver is too old: it speaks CUDA " + cuda(version[0]) + " and has to speak "
                            + cuda(LEAST_DRIVER) + "; install NVIDIA's driver 555 or newer",
                    List.of());
        }
        Optional<String> missing = CudaNatives.cublas();
        int[] count = new int[1];
        String uncounted = refusal(() -> JCudaDriver.cuDeviceGetCount(count));
        List<CudaInfo> devices = new ArrayList<>();
        for (int ordinal = 0; uncounted == null && ordinal < count[0]; ordinal++) {
            devices.add(device(ordinal));
        }
        String problem = missing.orElse(null);
        if (problem == null && devices.isEmpty()) {
            problem = CudaWords.start(uncounted == null ? CudaWords.NO_DEVICE : uncounted);
        }
        return new Report(versions(version[0]), problem, devices);
    }

    private static CudaInfo device(int ordinal) {
        CUdevice device = new CUdevice();
        String refused = refusal(() -> JCudaDriver.cuDeviceGet(device, ordinal));
        if (refused != null) {
            return new CudaInfo(ordinal, "unknown", "unknown", 0, 0, CudaWords.use(refused));
        }
        byte[] letters = new byte[LONGEST_NAME];
        String unnamed = refusal(() -> JCudaDriver.cuDeviceGetName(letters, letters.length, device));
        String name = unnamed == null ? text(letters) : "unknown";
        int major = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
        int minor = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        String capability = major + "." + minor;
        long[] total = new long[1];
        String unsized = refusal(() -> JCudaDriver.cuDeviceTotalMem(total, device));
        if (unsized == null && major < LEAST_MAJOR) {
            return new CudaInfo(
                    ordinal,
                    name,
                    capability,
                    total[0],
                    0,
                    "its compute capability is " + capability + ", and bf16 needs " + LEAST_MAJOR
                            + ".0 or newer (Ampere and later); compute on the processor, or on another GPU");
        }
        long[] free = new long[1];
        String unusable = unsized == null ? free(device, free, total) : unsized;
        return new CudaInfo(
                ordinal, name, capability, total[0], free[0], unusable == null ? null : CudaWords.use(unusable));
    }

    /** Asks a context of the GPU, which shows at once whether there can be one. */
    private static String free(CUdevice device, long[] free, long[] total) {
        CUcontext context = new CUcontext();
        String refused = refusal(() -> JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        if (refused != null) {
            return refused;
        }
        try {
            String unset = refusal(() -> JCudaDriver.cuCtxSetCurrent(context));
            return unset == null ? refusal(() -> JCudaDriver.cuMemGetInfo(free, total)) : unset;
        } finally {
            // The GPU's memory was told, or why not; a context that doesn't go is the driver's.
            String kept = refusal(() -> JCudaDriver.cuDevicePrimaryCtxRelease(device));
            if (kept != null) {
                System.getLogger(CudaDevices.class.getName())
                        .log(System.Logger.Level.DEBUG, "a context was not given back: {0}", kept);
            }
        }
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        return refusal(() -> JCudaDriver.cuDeviceGetAttribute(value, attribute, device)) == null ? value[0] : 0;
    }

    /** The name of the driver's error; null if there was none. Whether JCuda throws is decided elsewhere. */
    private static String refusal(IntSupplier call) {
        try {
            int result = call.getAsInt();
            return result == CUresult.CUDA_SUCCESS ? null : CUresult.stringFor(result);
        } catch (CudaException e) {
            return e.getMessage();
        }
    }

    private static String versions(int speaks) {
        List<String> parts = new ArrayList<>();
        SharedLibraries.loadedVersion(CudaNatives.DRIVER).ifPresent(version -> parts.add("driver " + version));
        if (speaks > 0) {
            parts.add("CUDA " + cuda(speaks));
        }
        SharedLibraries.loadedVersion(CudaNatives.CUBLAS).ifPresent(version -> parts.add("cuBLAS " + version));
        return parts.isEmpty() ? "a driver of unknown version" : String.join(", ", parts);
    }

    /** As the driver writes versions: 12060 is 12.6. */
    private static String cuda(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    private static String text(byte[] letters) {
        int end = 0;
        while (end < letters.length && letters[end] != 0) {
            end++;
        }
        return new String(letters, 0, end, StandardCharsets.UTF_8).strip();
    }
}

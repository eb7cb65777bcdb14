package dev.prag.devices;

import dev.prag.base.UserException;
import dev.prag.tensor.Device;
import dev.prag.tensor.DeviceCeilings;
import dev.prag.tensor.cpu.CpuCeilings;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.cuda.CudaCeilings;
import dev.prag.tensor.cuda.CudaDevice;
import dev.prag.tensor.cuda.CudaDevices;
import dev.prag.tensor.cuda.CudaInfo;
import dev.prag.tensor.cuda.CudaSettings;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Turns the word that names a device into the device. Nothing else names a class of one. */
public final class DeviceChoice {
    /** A GPU if one can be used, else the processor. */
    public static final String AUTO = "auto";

    /** The processor. */
    public static final String CPU = "cpu";

    /** The words there are, for help texts. */
    public static final String WORDS = "auto|cpu|cuda[:N]";

    static final String CUDA = "cuda";

    private static final Pattern GPU = Pattern.compile(CUDA + "(?::(\\d{1,4}))?");
    private static final double GIB = 1L << 30;

    private final Supplier<Optional<CudaDevices.Report>> worthwhile;
    private final Supplier<CudaDevices.Report> all;
    private final IntFunction<Device> processor;
    private final Function<CudaSettings, Device> gpu;

    /**
     * @param worthwhile what GPUs there are; empty where there is plainly none, which takes no time to tell
     * @param all the same, looked at whatever it takes
     * @param processor opens it with so many threads
     * @param gpu opens one
     */
    DeviceChoice(
            Supplier<Optional<CudaDevices.Report>> worthwhile,
            Supplier<CudaDevices.Report> all,
            IntFunction<Device> processor,
            Function<CudaSettings, Device> gpu) {
        this.worthwhile = worthwhile;
        this.all = all;
        this.processor = processor;
        this.gpu = gpu;
    }

    /**
     * Opens the device of that name.
     *
     * @param word {@link #AUTO}, {@link #CPU}, {@code cuda} or {@code cuda:N}
     * @param threads that the processor computes with; null for one for each core. A GPU has no use for them
     * @param note hears which device {@link #AUTO} took and why, and what is left without effect; nothing where the
     *     processor computes on a machine that has no GPU
     * @throws UserException if there is no such device here, naming what there is
     */
    public static Device open(String word, Integer threads, DeviceSettings settings, Consumer<String> note) {
        return new DeviceChoice(
                        () -> CudaDevices.driverIsThere() ? Optional.of(CudaDevices.list()) : Optional.empty(),
                        CudaDevices::list,
                        CpuDevice::new,
                        CudaDevice::open)
                .choose(word, threads, settings, note);
    }

    /**
     * Refuses a word that names no device anywhere, before anything is started.
     *
     * @param given where the word comes from, such as {@code --device}
     */
    public static void check(String given, String word) {
        String name = word.strip().toLowerCase(Locale.ROOT);
        if (!name.equals(AUTO) && !name.equals(CPU) && !GPU.matcher(name).matches()) {
            throw new UserException(given + " \"" + word + "\": there is no such device; choose auto, cpu, cuda, or"
                    + " cuda:N for the GPU N; `prag device` lists what is here");
        }
    }

    /** What that device can do at best; the caller closes it. */
    public static DeviceCeilings ceilings(Device device) {
        return switch (device) {
            case CpuDevice cpu -> new CpuCeilings(cpu.threads());
            case CudaDevice cuda -> new CudaCeilings(cuda.ordinal());
            default -> throw new IllegalArgumentException("nothing is known of " + device.name());
        };
    }

    Device choose(String word, Integer threads, DeviceSettings settings, Consumer<String> note) {
        check("device", word);
        String name = word.strip().toLowerCase(Locale.ROOT);
        if (name.equals(CPU)) {
            return processor(threads);
        }
        if (name.equals(AUTO)) {
            return worthwhile
                    .get()
                    .map(report -> automatic(report, threads, settings, note))
                    .orElseGet(() -> processor(threads));
        }
        Matcher cuda = GPU.matcher(name);
        boolean numbered = cuda.matches() && cuda.group(1) != null;
        CudaDevices.Report report = all.get();
        CudaInfo info = numbered ? numbered(name, Integer.parseInt(cuda.group(1)), report) : any(name, report);
        return open(info, threads, settings, note);
    }

    private Device automatic(
            CudaDevices.Report report, Integer threads, DeviceSettings settings, Consumer<String> note) {
        Optional<CudaInfo> best = mostFree(report.usable());
        if (best.isPresent()) {
            Device device = open(best.get(), threads, settings, note);
            note.accept("computing on " + device.name() + "; --device cpu takes the processor");
            return device;
        }
        note.accept("computing on the processor, as the GPU can't be used: " + reason(report)
                + "; `prag device` says more, --device cpu asks for no GPU");
        return processor(threads);
    }

    static Optional<CudaInfo> mostFree(List<CudaInfo> usable) {
        // Of equals the first.
        return usable.stream()
                .max(Comparator.comparingLong(CudaInfo::freeBytes)
                        .thenComparing(CudaInfo::ordinal, Comparator.reverseOrder()));
    }

    private static CudaInfo any(String name, CudaDevices.Report report) {
        return mostFree(report.usable())
                .orElseThrow(() -> new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "device " + name + " can't be used: " + reason(report) + " (`prag device` says more)"));
    }

    private static CudaInfo numbered(String name, int ordinal, CudaDevices.Report report) {
        if (report.problem() != null) {
            return any(name, report);
        }
        CudaInfo info = report.devices().stream()
                .filter(device -> device.ordinal() == ordinal)
                .findFirst()
                .orElseThrow(() -> new UserException(
                        UserException.Kind.NOT_FOUND,
                        "device " + name + ": there is no such GPU; here are cpu, "
                                + report.devices().stream()
                                        .map(device -> DeviceList.word(device) + " (" + device.name() + ")")
                                        .collect(Collectors.joining(", "))));
        if (info.problem() != null) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "device " + name + " (" + info.name() + ") can't be used: " + info.problem());
        }
        return info;
    }

    private static String reason(CudaDevices.Report report) {
        if (report.problem() != null) {
            return report.problem();
        }
        return report.devices().stream()
                .map(device -> DeviceList.word(device) + " (" + device.name() + "): " + device.problem())
                .collect(Collectors.joining("; "));
    }

    private Device open(CudaInfo info, Integer threads, DeviceSettings settings, Consumer<String> note) {
        long bytes = settings.memory().of(info.freeBytes());
        if (bytes > info.freeBytes()) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    String.format(
                            Locale.ROOT,
                            "%s is %.1f GiB, and cuda:%d (%s) has %.1f of its %.1f GiB free; give less, or end what else"
                                    + " uses it",
                            DeviceSettings.MEMORY,
                            bytes / GIB,
                            info.ordinal(),
                            info.name(),
                            info.freeBytes() / GIB,
                            info.totalBytes() / GIB));
        }
        if (threads != null) {
            note.accept("threads " + threads + " are without effect: " + DeviceList.word(info) + " computes");
        }
        return gpu.apply(new CudaSettings(info.ordinal(), bytes, settings.cacheType(), settings.graphs()));
    }

    private Device processor(Integer threads) {
        return processor.apply(threads == null ? Runtime.getRuntime().availableProcessors() : threads);
    }
}

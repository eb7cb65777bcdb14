package dev.prag.tensor.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.prag.base.Hashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The stand-ins of CUDA's driver and of cuBLAS (src/test/cuda), built where they are missing or old and loaded into this
 * JVM before JCuda asks for the libraries. With PRAG_TEST_CUDA=device tests use the machine's own GPU instead.
 */
public final class CudaStandIn {
    private static final Path LIBRARIES = Path.of("target", "cuda");
    private static final List<Path> SOURCES = List.of(
            Path.of("src", "main", "cuda"),
            Path.of("src", "main", "resources", "dev", "prag", "tensor", "cuda"),
            Path.of("src", "test", "cuda"));
    private static final boolean ON_DEVICE = "device".equals(System.getenv("PRAG_TEST_CUDA"));

    private static SymbolLookup driver;

    private CudaStandIn() {}

    /** To be called before anything of JCuda; the test is skipped where neither a stand-in nor a GPU can be had. */
    public static synchronized void require() {
        if (ON_DEVICE || driver != null) {
            return;
        }
        assumeTrue(
                "amd64".equals(System.getProperty("os.arch"))
                        && System.getProperty("os.name").equals("Linux"),
                "CUDA's stand-in is for Linux on x86-64");
        assumeTrue(cpuFlags().contains(" avx2 "), "CUDA's stand-in needs a processor with AVX2");
        assumeTrue(isOnPath("g++"), "CUDA's stand-in is compiled by g++, which is not on the PATH");
        build();
        driver = SymbolLookup.libraryLookup(LIBRARIES.resolve("libcuda.so.1"), Arena.global());
        SymbolLookup.libraryLookup(LIBRARIES.resolve("libcublas.so.12"), Arena.global());
        System.out.println("CUDA's stand-in: PRAG_STANDIN_SEED=" + Long.toUnsignedString(seed()) + " for this order");
    }

    /** As {@link #require}, of tests that a real GPU is of no use for. */
    public static void requireItself() {
        assumeTrue(!ON_DEVICE, "of the stand-in, not of a GPU");
        require();
    }

    /**
     * Lets something go wrong.
     *
     * @param what alloc, pinned, launch or graph: the n-th of these calls is refused; device-lost: at the n-th operation
     *     that runs the device is lost; no-device and old-driver, whatever n is
     */
    public static void fail(String what, long n) {
        call("standin_fail", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG), what, n);
    }

    /** Nothing goes wrong any more, and a device that was lost is as new. */
    public static void mend() {
        fail("none", 0);
    }

    /** From here on what is queued runs in the order that belongs to a seed. */
    public static void seed(long seed) {
        call("standin_seed", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG), seed);
    }

    /** What the present order belongs to. */
    public static long seed() {
        return (long) call("standin_current_seed", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    }

    /** What lives, such as allocations, bytes and streams, or how often a call was made, such as launch (driver.cpp). */
    public static long count(String what) {
        return (long) call("standin_count", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS), what);
    }

    /** What the driver said last about a misuse. */
    public static String problem() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(2000);
            call("standin_problem", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_INT), text, (int)
                    text.byteSize());
            return text.getString(0);
        }
    }

    private static Object call(String name, FunctionDescriptor type, Object... arguments) {
        MethodHandle handle = Linker.nativeLinker()
                .downcallHandle(driver.findOrThrow(name), type)
                .asSpreader(Object[].class, arguments.length);
        try (Arena arena = Arena.ofConfined()) {
            Object[] passed = arguments.clone();
            for (int i = 0; i < passed.length; i++) {
                if (passed[i] instanceof String text) {
                    passed[i] = arena.allocateFrom(text);
                }
            }
            return handle.invoke(passed);
        } catch (Throwable e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** Builds what isn't built of these very sources, one JVM at a time. */
    private static void build() {
        try {
            Files.createDirectories(LIBRARIES);
            try (FileChannel lock =
                    FileChannel.open(LIBRARIES.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                Path built = LIBRARIES.resolve("sources");
                String sources = hash();
                if (Files.exists(built) && Files.readString(built).equals(sources)) {
                    return;
                }
                Path log = LIBRARIES.resolve("build.log");
                Process process = new ProcessBuilder("bash", "src/test/cuda/build.sh", LIBRARIES.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
                if (process.waitFor() != 0) {
                    throw new IllegalStateException("CUDA's stand-in can't be built:\n" + Files.readString(log));
                }
                Files.writeString(built, sources);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String hash() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path folder : SOURCES) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    all.append(file).append('\n').append(Files.readString(file)).append('\n');
                }
            }
        }
        return Hashes.sha256(all.toString());
    }

    private static String cpuFlags() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags")).findFirst().orElse("") + " ";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}

package dev.prag.tensor.cuda;

import dev.prag.base.IoReason;
import dev.prag.base.NativeImage;
import dev.prag.base.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;

/**
 * JCuda's own native libraries, and NVIDIA's behind them. JCuda unpacks its libraries to a fixed name in the folder for
 * temporary files and loads what it finds there; here they are unpacked where only this user writes, whole or not at all,
 * and JCuda finds them there.
 */
final class CudaNatives {
    /** NVIDIA's driver. */
    static final String DRIVER = "libcuda.so.1";

    /** NVIDIA's library of matrix products. */
    static final String CUBLAS = "libcublas.so.12";

    /** Where the program unpacks native libraries. */
    private static final String FOLDER = "org.bytedeco.javacpp.cachedir";

    private static final String TEMPORARY = "java.io.tmpdir";
    private static final Pattern MISSING = Pattern.compile("(lib[\\w-]+\\.so[.\\d]*): cannot open shared object file");

    private CudaNatives() {}

    /** Each is tried once: a class whose start has failed can't be started again. */
    private static final class Driver {
        private static final Optional<String> OBSTACLE =
                load(JCudaDriver.class, "libJCudaDriver-12.6.0-linux-x86_64.so");
    }

    private static final class Cublas {
        private static final Optional<String> OBSTACLE = load(JCublas2.class, "libJCublas2-12.6.0-linux-x86_64.so");
    }

    /** Why GPUs are not used in this program on this system; null if they may be. */
    static String unsupported() {
        if (NativeImage.isRunning()) {
            return "a native executable computes on the processor only; use the program on a JVM, such as ./prag or the"
                    + " image of k8s/images/Dockerfile.jvm";
        }
        String system = System.getProperty("os.name");
        String machine = System.getProperty("os.arch");
        return "Linux".equals(system) && "amd64".equals(machine)
                ? null
                : "GPUs are used on Linux x86-64 only, and this is " + system + " " + machine
                        + "; compute on the processor";
    }

    /** Loads the driver; what is in the way, if something is. */
    static Optional<String> driver() {
        return Driver.OBSTACLE;
    }

    /** Loads cuBLAS, after the driver; what is in the way, if something is. */
    static Optional<String> cublas() {
        return Cublas.OBSTACLE;
    }

    /**
     * Loads both.
     *
     * @throws UserException saying what is in the way
     */
    static void require() {
        String unsupported = unsupported();
        Optional<String> obstacle = unsupported != null ? Optional.of(unsupported) : driver().or(CudaNatives::cublas);
        if (obstacle.isPresent()) {
            throw new UserException(UserException.Kind.ENVIRONMENT, "no GPU can be used: " + obstacle.get());
        }
    }

    private static Optional<String> load(Class<?> type, String library) {
        String temporary = System.getProperty(TEMPORARY);
        try {
            Path folder = Path.of(System.getProperty(FOLDER, temporary));
            unpack(library, folder);
            System.setProperty(TEMPORARY, folder.toString());
            MethodHandles.lookup().ensureInitialized(type);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(library + " can't be unpacked: " + IoReason.of(e)
                    + "; check the disk's free space and permissions");
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        } catch (LinkageError e) {
            return Optional.of(obstacle(library, String.valueOf(e.getMessage())));
        } finally {
            System.setProperty(TEMPORARY, temporary);
        }
    }

    /** Writes a library of JCuda's to a folder, unless it is there. */
    private static void unpack(String library, Path folder) throws IOException {
        Path file = folder.resolve(library);
        try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + library)) {
            if (in == null) {
                throw new IOException("it is no part of this program");
            }
            byte[] bytes = in.readAllBytes();
            if (Files.exists(file) && Files.size(file) == bytes.length) {
                return;
            }
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, library, ".part");
            try {
                Files.write(part, bytes);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        }
    }

    /** @param message what ld.so says, somewhere in it */
    static String obstacle(String library, String message) {
        Matcher found = MISSING.matcher(message);
        String missing = found.find() ? found.group(1) : "";
        if (missing.equals(DRIVER)) {
            return "there is no NVIDIA driver (libcuda.so.1 isn't found); install NVIDIA's driver 555 or newer, or give"
                    + " the container a GPU (docker run --gpus all)";
        }
        if (missing.startsWith("libcublas")) {
            return missing + " isn't found"
                    + (SharedLibraries.find("libcublas.so.13").isPresent() ? ", only that of CUDA 13 is there" : "")
                    + "; install cuBLAS of CUDA 12, such as by apt-get install libcublas-12-6 or pip install"
                    + " nvidia-cublas-cu12, and name its folder in LD_LIBRARY_PATH";
        }
        return missing.isEmpty()
                ? library + " can't be loaded: " + message.lines().findFirst().orElse("no reason was given")
                        + "; see docs/gpu.md for what is needed"
                : missing + " isn't found; install it, or name its folder in LD_LIBRARY_PATH";
    }
}

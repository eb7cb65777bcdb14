package dev.prag.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found of drivers and libraries, and what is said where something is missing. */
class CudaProbingTest {
    @TempDir
    Path folder;

    @Test
    void librariesAreFoundWhereTheLoaderLooks() throws IOException {
        Path library = Files.createFile(folder.resolve("libprobe.so.1"));
        Path nowhere = folder.resolve("no.cache");
        assertEquals(Optional.of(library), SharedLibraries.find("libprobe.so.1", "/none::" + folder, nowhere));
        assertEquals(Optional.empty(), SharedLibraries.find("libprobe.so.1", null, nowhere));
        Path cache = folder.resolve("ld.so.cache");
        Files.writeString(
                cache, "glibc-ld.so.cache\0libprobe.so.1\0" + library + "\0libc.so.6\0", StandardCharsets.ISO_8859_1);
        assertEquals(Optional.of(library), SharedLibraries.find("libprobe.so.1", null, cache));
        assertEquals(Optional.empty(), SharedLibraries.find("libprobe.so", null, cache));
        Files.delete(library);
        assertEquals(Optional.empty(), SharedLibraries.find("libprobe.so.1", "", cache));
    }

    @Test
    void versionsAreThoseOfTheFilesThatAreLoaded() {
        List<String> maps = List.of(
                "7f0 r-xp 0 08:01 1 /usr/lib/x86_64-linux-gnu/libcudart.so.12.6.77",
                "7f1 r-xp 0 08:01 2 /usr/lib/x86_64-linux-gnu/libcuda.so.560.35.03",
                "7f2 r-xp 0 08:01 3 /opt/libcublas.so.12.6.4.1 (deleted)");
        assertEquals(Optional.of("560.35.03"), SharedLibraries.version("libcuda.so.1", maps.stream()));
        assertEquals(Optional.of("12.6.4.1"), SharedLibraries.version("libcublas.so.12", maps.stream()));
        assertEquals(Optional.empty(), SharedLibraries.version("libcublasLt.so.12", Stream.empty()));
    }

    @Test
    void whatIsMissingIsNamedWithWhereToGetIt() {
        String driver = CudaNatives.obstacle(
                "libJCudaDriver.so",
                "Error while loading native library\nlibcuda.so.1: cannot open shared object file: No such file");
        assertTrue(driver.contains("no NVIDIA driver") && driver.contains("install"), driver);
        String cublas = CudaNatives.obstacle(
                "libJCublas2.so", "libcublas.so.12: cannot open shared object file: No such file or directory");
        assertTrue(cublas.startsWith("libcublas.so.12 isn't found") && cublas.contains("LD_LIBRARY_PATH"), cublas);
        String other = CudaNatives.obstacle("libJCublas2.so", "libJCublas2.so: file too short\n\tat somewhere");
        assertTrue(other.contains("file too short") && !other.contains("\n"), other);
    }

    @Test
    void errorsOfTheDriverHaveWordsAndUnknownOnesAreNamed() {
        assertTrue(CudaWords.start("CUDA_ERROR_NO_DEVICE").contains("CUDA_VISIBLE_DEVICES"));
        assertTrue(CudaWords.start("CUDA_ERROR_UNKNOWN").contains("CUDA_ERROR_UNKNOWN"));
        assertTrue(CudaWords.use("CUDA_ERROR_OUT_OF_MEMORY").contains("memory is taken"));
        assertTrue(CudaWords.use("CUDA_ERROR_UNKNOWN").contains("CUDA_ERROR_UNKNOWN"));
    }

    @Test
    void lookingNeverFailsAndSaysWhyNothingCanBeUsed() {
        CudaDevices.Report report = CudaDevices.list();
        if (report.usable().isEmpty()) {
            assertTrue(
                    report.problem() != null || report.devices().stream().allMatch(device -> device.problem() != null),
                    report.toString());
        } else {
            assertTrue(report.devices().stream().allMatch(device -> device.totalBytes() > 0), report.toString());
        }
    }
}

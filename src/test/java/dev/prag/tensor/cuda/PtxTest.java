package dev.prag.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PTX that is committed belongs to the kernels' sources. */
class PtxTest {
    private static final Path SOURCES = Path.of("src/main/cuda");
    private static final Path PTX = Path.of("src/main/resources/dev/prag/tensor/cuda");
    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)");

    private static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everySourceHasItsPtx() throws IOException, NoSuchAlgorithmException {
        List<Path> sources = files(SOURCES, ".cu");
        assertFalse(sources.isEmpty());
        assertEquals(sources.size(), files(PTX, ".ptx").size());
        for (Path source : sources) {
            String family = source.getFileName().toString().replace(".cu", "");
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Files.readAllBytes(SOURCES.resolve("common.cuh")));
            Path shared = SOURCES.resolve(family.split("_")[0] + ".cuh");
            if (Files.exists(shared)) {
                digest.update(Files.readAllBytes(shared));
            }
            digest.update(Files.readAllBytes(source));
            String hash = HexFormat.of().formatHex(digest.digest());
            try (Stream<String> lines = Files.lines(PTX.resolve(family + ".ptx"))) {
                assertEquals(
                        "// sources: " + hash,
                        lines.findFirst().orElseThrow(),
                        family + ".ptx is older than its source: run src/main/cuda/build.sh " + family);
            }
        }
    }

    /** Where NVIDIA's assembler is installed: every kernel fits the cards that there are, without spilling registers. */
    @ParameterizedTest
    @ValueSource(strings = {"sm_80", "sm_89", "sm_90"})
    void thePtxIsAssembled(String card, @TempDir Path folder) throws IOException, InterruptedException {
        String ptxas = System.getenv().getOrDefault("PTXAS", "ptxas");
        assumeTrue(runs(ptxas), "ptxas is neither on the PATH nor named by PTXAS");
        for (Path file : files(PTX, ".ptx")) {
            Process process = new ProcessBuilder(
                            ptxas,
                            "-v",
                            "-arch=" + card,
                            "-o",
                            folder.resolve("cubin").toString(),
                            file.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), said);
            List<String> spilling = said.lines()
                    .filter(line -> line.contains("spill stores") && !line.contains(" 0 bytes spill stores"))
                    .toList();
            assertEquals(List.of(), spilling, file.toString());
        }
    }

    private static boolean runs(String command) throws InterruptedException {
        try {
            return new ProcessBuilder(command, "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void noNameIsTakenTwice() throws IOException {
        Set<String> names = new HashSet<>();
        for (Path file : files(PTX, ".ptx")) {
            Matcher entry = ENTRY.matcher(Files.readString(file));
            while (entry.find()) {
                assertTrue(names.add(entry.group(1)), entry.group(1) + " is in two files");
            }
        }
        assertTrue(names.contains("rms_norm"));
    }

    @Test
    void parametersAreReadFromPtx() throws IOException {
        String ptx = Files.readString(PTX.resolve("rows.ptx"));
        assertEquals("llllif", Kernel.parameters(ptx, "rms_norm"));
        assertEquals("lfl", Kernel.parameters(ptx, "fill_f32"));
        assertThrows(IllegalStateException.class, () -> Kernel.parameters(ptx, "rms"));
    }
}

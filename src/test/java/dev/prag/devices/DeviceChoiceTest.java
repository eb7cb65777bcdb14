package dev.prag.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.cuda.CudaDevices;
import dev.prag.tensor.cuda.CudaInfo;
import dev.prag.tensor.cuda.CudaSettings;
import dev.prag.tensor.plain.PlainDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which device a word stands for, on machines with and without GPUs. */
class DeviceChoiceTest {
    private static final long GIB = 1L << 30;
    private static final CudaInfo SMALL = new CudaInfo(0, "Small", "8.6", 12 * GIB, 10 * GIB, null);
    private static final CudaInfo LARGE = new CudaInfo(1, "Large", "9.0", 80 * GIB, 70 * GIB, null);
    private static final CudaInfo OLD = new CudaInfo(2, "Old", "7.5", 16 * GIB, 0, "too old for bf16");
    private static final CudaDevices.Report SEVERAL =
            new CudaDevices.Report("driver 560", null, List.of(SMALL, LARGE, OLD));
    private static final CudaDevices.Report NONE =
            new CudaDevices.Report(null, "there is no driver; install one", List.of());
    private static final CudaDevices.Report USELESS = new CudaDevices.Report("driver 560", null, List.of(OLD));

    private final List<CudaSettings> opened = new ArrayList<>();
    private final List<Integer> threads = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private void choose(CudaDevices.Report report, boolean worthwhile, String word, Integer given, String... settings) {
        DeviceChoice choice = new DeviceChoice(
                () -> worthwhile ? Optional.of(report) : Optional.empty(),
                () -> report,
                count -> {
                    threads.add(count);
                    return new PlainDevice();
                },
                gpu -> {
                    opened.add(gpu);
                    return new PlainDevice();
                });
        Map<String, String> values = settings.length == 0 ? Map.of() : Map.of(settings[0], settings[1]);
        DeviceSettings read = DeviceSettings.of(name -> Optional.ofNullable(values.get(name)));
        try (Device device = choice.choose(word, given, read, notes::add)) {
            assertTrue(device.name().length() > 1);
        }
    }

    private String refusal(CudaDevices.Report report, String word, String... settings) {
        String message = assertThrows(UserException.class, () -> choose(report, true, word, null, settings))
                .getMessage();
        assertEquals(List.of(), opened);
        return message;
    }

    @Test
    void autoTakesTheGpuWithMostFreeMemoryAndSaysSo() {
        choose(SEVERAL, true, "auto", null);
        assertEquals(List.of(new CudaSettings(1, 63 * GIB, DType.BF16, true)), opened);
        assertEquals(1, notes.size());
        assertTrue(notes.getFirst().startsWith("computing on "), notes.toString());
    }

    @Test
    void autoComputesOnTheProcessorWhereNoGpuCanBeUsedAndSaysWhy() {
        choose(USELESS, true, "AUTO", 3);
        assertEquals(List.of(3), threads);
        assertTrue(notes.getFirst().contains("too old for bf16"), notes.toString());
    }

    @Test
    void autoSaysNothingWhereThereIsPlainlyNoGpu() {
        choose(NONE, false, "auto", null);
        assertEquals(List.of(Runtime.getRuntime().availableProcessors()), threads);
        assertEquals(List.of(), notes);
    }

    @Test
    void theProcessorIsTakenWhateverElseThereIs() {
        choose(SEVERAL, true, "cpu", 2);
        assertEquals(List.of(2), threads);
        assertEquals(List.of(), opened);
    }

    @Test
    void aNumberedGpuIsThatOne() {
        choose(SEVERAL, true, "cuda:0", null, "prag.cuda.memory", "4GiB");
        assertEquals(List.of(new CudaSettings(0, 4 * GIB, DType.BF16, true)), opened);
        assertEquals(List.of(), notes);
    }

    @Test
    void threadsWithoutEffectAreSaid() {
        choose(SEVERAL, true, "cuda", 4);
        assertEquals(1, opened.getFirst().ordinal());
        assertEquals(List.of("threads 4 are without effect: cuda:1 computes"), notes);
    }

    @Test
    void whatIsNotThereIsRefusedWithWhatIs() {
        assertTrue(refusal(SEVERAL, "gpu").contains("\"gpu\""));
        assertTrue(refusal(SEVERAL, "gpu").contains("cuda:N"));
        assertTrue(refusal(SEVERAL, "cuda:").contains("no such device"));
        String other = refusal(SEVERAL, "cuda:7");
        assertTrue(other.contains("cuda:7") && other.contains("cuda:0 (Small)") && other.contains("cpu"), other);
        assertTrue(refusal(SEVERAL, "cuda:2").contains("too old for bf16"));
        assertTrue(refusal(USELESS, "cuda").contains("too old for bf16"));
        assertTrue(refusal(NONE, "cuda").contains("install one"));
        assertTrue(refusal(NONE, "cuda:1").contains("install one"));
    }

    @Test
    void moreMemoryThanIsFreeIsRefusedWithBothNumbers() {
        String message = refusal(SEVERAL, "cuda:0", "prag.cuda.memory", "11 GiB");
        assertTrue(message.contains("11.0 GiB") && message.contains("10.0 of its 12.0 GiB"), message);
    }

    @Test
    void settingsAreReadAndMistakesNamed() {
        choose(SEVERAL, true, "cuda:1", null, "prag.cuda.cache", "f32");
        choose(SEVERAL, true, "cuda:1", null, "prag.cuda.graphs", "false");
        choose(SEVERAL, true, "cuda:1", null, "prag.cuda.memory", "50 %");
        assertEquals(DType.F32, opened.get(0).cacheType());
        assertEquals(false, opened.get(1).graphs());
        assertEquals(35 * GIB, opened.get(2).memoryBytes());
        opened.clear();
        assertTrue(refusal(SEVERAL, "cuda", "prag.cuda.cache", "int8").contains("\"int8\""));
        assertTrue(refusal(SEVERAL, "cuda", "prag.cuda.graphs", "yes").contains("\"yes\""));
        for (String memory : List.of("101%", "0%", "0", "much", "-1GiB", "1 TiB")) {
            assertTrue(refusal(SEVERAL, "cuda", "prag.cuda.memory", memory).contains("\"" + memory + "\""));
        }
    }

    @Test
    void theListSaysWhatAutoTakes() {
        assertEquals("cuda:1", DeviceList.of("CPU", 2, SEVERAL, true).automatic());
        assertEquals("cpu", DeviceList.of("CPU", 2, USELESS, true).automatic());
        assertEquals("cpu", DeviceList.of("CPU", 2, NONE, false).automatic());
    }
}

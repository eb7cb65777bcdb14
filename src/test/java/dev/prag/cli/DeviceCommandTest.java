package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.devices.DeviceList;
import dev.prag.tensor.cuda.CudaDevices;
import dev.prag.tensor.cuda.CudaInfo;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code prag device}. */
class DeviceCommandTest {
    private static final long GIB = 1L << 30;
    private static final CudaInfo GOOD = new CudaInfo(0, "Good", "9.0", 80 * GIB, 79 * GIB, null);
    private static final CudaInfo OLD = new CudaInfo(1, "Old", "7.5", 16 * GIB, 0, "too old");

    private static DeviceList list(String problem, String automatic) {
        return new DeviceList(
                "CPU, 4 threads",
                4,
                new CudaDevices.Report("driver 560.35.03, CUDA 12.6", problem, List.of(GOOD, OLD)),
                automatic);
    }

    private static String printed(DeviceList devices) {
        StringWriter text = new StringWriter();
        DeviceCommand.print(devices, new PrintWriter(text, true));
        return text.toString();
    }

    @Test
    void everyDeviceHasALineThatBeginsWithItsName() {
        assertEquals("""
                cpu      CPU, 4 threads
                cuda:0   Good, 79.0 of 80.0 GiB free, compute capability 9.0
                cuda:1   Old, 16.0 GiB, compute capability 7.5
                         can't be used: too old
                driver   driver 560.35.03, CUDA 12.6
                auto     takes cuda:0
                """, printed(list(null, "cuda:0")));
    }

    @Test
    void whatIsInTheWayOfAllGpusIsSaid() {
        String text = printed(list("libcublas.so.12 isn't found", "cpu"));
        assertTrue(text.contains("no GPU   libcublas.so.12 isn't found\n"), text);
        assertTrue(text.endsWith("auto     takes cpu\n"), text);
    }

    @Test
    void jsonSaysTheSame() {
        JsonNode fine = DeviceCommand.toJson(list(null, "cuda:0"));
        assertEquals(3, fine.get("devices").size());
        assertEquals(4, fine.at("/devices/0/threads").intValue());
        assertTrue(fine.at("/devices/1/usable").booleanValue());
        assertEquals(79 * GIB, fine.at("/devices/1/freeBytes").longValue());
        assertFalse(fine.at("/devices/2/usable").booleanValue());
        assertEquals("too old", fine.at("/devices/2/problem").textValue());
        assertFalse(fine.has("problem"));
        JsonNode none = DeviceCommand.toJson(list("nothing works", "cpu"));
        assertFalse(none.at("/devices/1/usable").booleanValue());
        assertEquals("nothing works", none.get("problem").textValue());
        assertEquals("cpu", none.get("auto").textValue());
    }
}

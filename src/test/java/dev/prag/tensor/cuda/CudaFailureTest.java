package dev.prag.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.DeviceLostException;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong on a GPU, as the stand-in lets it. */
class CudaFailureTest {
    @BeforeEach
    void require() {
        CudaStandIn.requireItself();
    }

    @AfterEach
    void mend() {
        CudaStandIn.mend();
    }

    private static CudaDevice open() {
        return CudaDevice.open(new CudaSettings(0, 64L << 20, DType.BF16, true));
    }

    private static Map<String, Long> living() {
        Map<String, Long> counts = new TreeMap<>();
        for (String what : List.of("allocations", "bytes", "pinned", "streams", "events", "modules", "graphs")) {
            counts.put(what, CudaStandIn.count(what));
        }
        return counts;
    }

    /** With its context goes all that was made in it. */
    @Test
    void whatCannotBeOpenedLeavesNothing() {
        Map<String, Long> before = living();
        open().close();
        assertEquals(before, living());
        CudaStandIn.fail("alloc", 1);
        assertThrows(UserException.class, CudaFailureTest::open);
        assertEquals(before, living());
        for (int n = 1; n <= 2; n++) {
            CudaStandIn.fail("pinned", n);
            assertThrows(UserException.class, CudaFailureTest::open);
            assertEquals(before, living());
        }
    }

    @Test
    void weightsThatDoNotFitLeaveTheirRoom() {
        try (CudaDevice device = open()) {
            int rows = 2048;
            MemorySegment bytes = MemorySegment.ofArray(new byte[rows * rows * 2]);
            List<Weight> weights = new ArrayList<>();
            long room = device.room().orElseThrow();
            UserException e = assertThrows(UserException.class, () -> {
                while (true) {
                    weights.add(device.weight(bytes, DType.BF16, rows, rows, DType.BF16));
                }
            });
            assertTrue(e.getMessage().contains("MiB"), e.getMessage());
            assertFalse(weights.isEmpty());
            weights.forEach(Weight::close);
            assertEquals(room, device.room().orElseThrow());
            device.weight(bytes, DType.BF16, rows, rows, DType.BF16).close();
        }
    }

    /** What a step makes of 1: the sum of three. */
    private static float step(Device device, Tensor x, Tensor sum) {
        device.repeated(() -> {
            device.fill(sum, 0);
            for (int i = 0; i < 3; i++) {
                device.add(sum, x);
            }
            return null;
        });
        return device.read(sum)[0];
    }

    @Test
    void aLaunchThatIsRefusedEndsItsStepAlone() {
        try (CudaDevice device = open();
                Tensor x = device.allocate(DType.F32, 1, 1);
                Tensor sum = device.allocate(DType.F32, 1, 1)) {
            device.write(x, new float[] {1});
            // Its commands are issued one by one at first, then captured as a graph.
            for (int round = 0; round < 2; round++) {
                CudaStandIn.fail("launch", 2);
                assertThrows(IllegalStateException.class, () -> step(device, x, sum));
            }
            for (int round = 0; round < 3; round++) {
                assertEquals(3, step(device, x, sum));
            }
            CudaStandIn.fail("launch", 1);
            assertThrows(IllegalStateException.class, () -> device.add(sum, x));
            device.add(sum, x);
            assertArrayEquals(new float[] {4}, device.read(sum));
        }
    }

    @Test
    void aGraphThatIsRefusedEndsItsStepAlone() {
        try (CudaDevice device = open();
                Tensor x = device.allocate(DType.F32, 1, 1);
                Tensor sum = device.allocate(DType.F32, 1, 1)) {
            device.write(x, new float[] {1});
            assertEquals(3, step(device, x, sum));
            CudaStandIn.fail("graph", 1);
            assertThrows(RuntimeException.class, () -> step(device, x, sum));
            assertEquals(3, step(device, x, sum));
            assertEquals(3, step(device, x, sum));
        }
    }

    @Test
    void aDeviceThatIsLostSaysSoUntilItIsOpenedAgain() {
        try (CudaDevice device = open()) {
            Tensor x = device.allocate(DType.F32, 1, 1);
            device.write(x, new float[] {1});
            assertEquals(1, device.read(x)[0]);
            CudaStandIn.fail("device-lost", 1);
            assertThrows(DeviceLostException.class, () -> {
                device.add(x, x);
                device.read(x);
            });
            assertThrows(DeviceLostException.class, () -> device.add(x, x));
            assertThrows(DeviceLostException.class, () -> device.allocate(DType.F32, 1, 1));
            x.close();
        }
        CudaStandIn.mend();
        try (CudaDevice device = open();
                Tensor x = device.allocate(DType.F32, 1, 1)) {
            device.write(x, new float[] {2});
            assertEquals(2, device.read(x)[0]);
        }
    }

    @Test
    void whyThereIsNoDeviceIsSaid() {
        CudaDevices.Report report = CudaDevices.list();
        assertNull(report.problem());
        assertEquals("Stand-in", report.usable().getFirst().name());
        CudaStandIn.fail("no-device", 1);
        CudaDevices.Report none = CudaDevices.list();
        assertTrue(none.problem().contains("no"), none.problem());
        assertEquals(List.of(), none.usable());
        CudaStandIn.mend();
        CudaStandIn.fail("old-driver", 1);
        CudaDevices.Report old = CudaDevices.list();
        assertTrue(old.problem().contains("11.4") && old.problem().contains("too old"), old.problem());
        assertEquals(List.of(), old.usable());
    }
}

package dev.prag.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.tensor.DType;
import dev.prag.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operations that come again are launched as one graph, and mean the same. */
class RecordingTest {
    private static final CudaSettings SETTINGS = new CudaSettings(0, 128L << 20, DType.BF16, true);
    private static CudaDevice device;

    @BeforeAll
    static void open() {
        CudaStandIn.require();
        device = CudaDevice.open(SETTINGS);
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    /** Rows are chosen anew each time: what changes lies in tables, so that the commands stay the same. */
    @Test
    void theThirdStepIsTheSecondGraphWithOtherRows() {
        try (Tensor x = device.allocate(DType.F32, 4, 8);
                Tensor y = device.allocate(DType.F32, 2, 8);
                Tensor ids = device.allocate(DType.I32, 2, 1)) {
            device.write(x, numbers(32));
            long before = device.graphLaunches();
            int[][] chosen = {{0, 1}, {2, 3}, {3, 1}, {1, 2}};
            for (int step = 0; step < chosen.length; step++) {
                int[] rows = chosen[step];
                Tensor result = device.repeated(() -> {
                    device.write(ids, rows);
                    device.gatherRows(y, x, rows);
                    device.add(y, y);
                    return y;
                });
                float[] values = device.read(result);
                for (int i = 0; i < values.length; i++) {
                    assertEquals(2f * (rows[i / 8] * 8 + i % 8), values[i]);
                }
                assertArrayEquals(rows, device.readInts(ids));
                // The first is issued command by command.
                assertEquals(before + step, device.graphLaunches());
            }
        }
    }

    @Test
    void readingWithinARecordingRunsWhatWasGathered() {
        try (Tensor x = device.allocate(DType.F32, 1, 8)) {
            for (int step = 0; step < 3; step++) {
                float[] seen = device.repeated(() -> {
                    device.fill(x, 2);
                    device.add(x, x);
                    float[] values = device.read(x);
                    device.add(x, x);
                    return values;
                });
                assertEquals(4, seen[7]);
                assertEquals(8, device.read(x)[7]);
            }
        }
    }

    /** What was gathered before an error doesn't run, and nothing goes on being gathered. */
    @Test
    void anErrorEndsTheRecording() {
        try (Tensor x = device.allocate(DType.F32, 1, 8)) {
            device.fill(x, 1);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> device.repeated(() -> {
                        device.fill(x, 7);
                        throw new IllegalArgumentException("no");
                    }));
            assertEquals(1, device.read(x)[0]);
            device.add(x, x);
            assertEquals(2, device.read(x)[0]);
        }
    }

    private static float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = i;
        }
        return numbers;
    }
}

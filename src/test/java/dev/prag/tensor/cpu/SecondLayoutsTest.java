package dev.prag.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import dev.prag.tensor.plain.PlainDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A second copy of the weights for many rows changes no result, and its budget is kept to. */
class SecondLayoutsTest {
    private static final int OUT = 200;
    private static final int IN = 160;

    private static float[] product(Device device, DType compute, int rows) {
        Random random = new Random(9);
        float[] values = new float[OUT * IN];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        float[] activations = new float[rows * IN];
        for (int i = 0; i < activations.length; i++) {
            activations[i] = (float) random.nextGaussian();
        }
        MemorySegment data = MemorySegment.ofArray(new byte[4 * values.length]);
        MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
        try (Weight w = device.weight(data, DType.F32, OUT, IN, compute);
                Tensor x = device.allocate(DType.F32, rows, IN);
                Tensor y = device.allocate(DType.F32, rows, OUT)) {
            device.write(x, activations);
            // The copy for few rows first, and then again: each keeps to its own.
            device.matmul(y.rows(0, 1), x.rows(0, 1), w, null);
            device.matmul(y, x, w, null);
            device.matmul(y.rows(0, 1), x.rows(0, 1), w, null);
            return device.read(y);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16", "I8"})
    void theResultsAreThoseOfThePlainDevice(DType compute) {
        for (int rows : new int[] {31, 32, 100, 600}) {
            try (CpuDevice device = new CpuDevice(2, new SecondLayouts(true, Long.MAX_VALUE));
                    PlainDevice plain = new PlainDevice()) {
                float[] expected = product(plain, compute, rows);
                float[] actual = product(device, compute, rows);
                double tolerance = compute == DType.BF16 ? 0.5 : 1e-3;
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(expected[i], actual[i], tolerance, "element " + i + " of " + rows + " rows");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1000})
    void withoutRoomThereIsNone(long bytes) {
        OneDnn oneDnn = new OneDnn(1);
        Pool pool = new Pool(1);
        CpuMemory memory = new CpuMemory(4L * OUT * IN);
        CpuWeight weight = new CpuWeight(OUT, IN, DType.F32, memory, CpuWeight::free);
        assertFalse(new SecondLayouts(true, bytes).grants(weight, oneDnn, pool, DType.F32));
        assertFalse(new SecondLayouts(false, Long.MAX_VALUE).grants(weight, oneDnn, pool, DType.F32));
        weight.close();
        pool.close();
        oneDnn.close();
    }
}

package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.tensor.cpu.CpuDevice;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract with one thread, which is the caller's, and with two; and what is the CPU's own. */
class CpuDeviceTest {
    @Nested
    class OneThread extends DeviceContract {
        @Override
        Device open() {
            return new CpuDevice(1);
        }
    }

    @Nested
    class TwoThreads extends DeviceContract {
        @Override
        Device open() {
            return new CpuDevice(2);
        }
    }

    @Test
    void whatIsClosedIsNotUsed() {
        try (CpuDevice device = new CpuDevice(2)) {
            Tensor x = device.allocate(DType.F32, 2, 3);
            Tensor view = x.rows(1, 1);
            x.close();
            x.close();
            assertThrows(IllegalStateException.class, () -> device.read(view));
            Weight w = device.weight(MemorySegment.ofArray(new byte[24]), DType.F32, 2, 3, DType.F32);
            w.close();
            w.close();
            Tensor in = device.allocate(DType.F32, 1, 3);
            Tensor out = device.allocate(DType.F32, 1, 2);
            assertThrows(IllegalStateException.class, () -> device.matmul(out, in, w, null));
        }
    }

    @Test
    void theNumberOfThreadsDoesNotChangeGradientsOfAttentionAndSideBranches() {
        List<float[]> one = gradients(1);
        List<float[]> three = gradients(3);
        for (int i = 0; i < one.size(); i++) {
            assertArrayEquals(one.get(i), three.get(i));
        }
    }

    private static List<float[]> gradients(int threads) {
        Random random = new Random(5);
        try (CpuDevice device = new CpuDevice(threads)) {
            AttentionShape shape = new AttentionShape(6, 2, 24);
            Tensor q = normal(device, random, 90, shape.queryCols());
            Tensor k = normal(device, random, 90, shape.kvCols());
            Tensor v = normal(device, random, 90, shape.kvCols());
            Tensor dout = normal(device, random, 90, shape.queryCols());
            Tensor dq = device.allocate(DType.F32, 90, shape.queryCols());
            Tensor dk = device.allocate(DType.F32, 90, shape.kvCols());
            Tensor dv = device.allocate(DType.F32, 90, shape.kvCols());
            List<Span> spans = List.of(Span.of(0, 61), Span.of(61, 29));
            device.attentionBackward(dq, dk, dv, dout, q, k, v, shape, null, spans);
            Tensor slab = normal(device, random, 1, 3 * (144 + 48));
            Tensor grads = device.allocate(DType.F32, 1, 3 * (144 + 48));
            List<LoraSpan.Part> parts = List.of(new LoraSpan.Part(0, 3 * 144, 3, 0.5f));
            List<LoraSpan> sides = List.of(new LoraSpan(0, 50, parts), new LoraSpan(50, 40, parts));
            device.loraBackward(dq, grads, dk, q, slab, sides);
            return List.of(device.read(dq), device.read(dk), device.read(dv), device.read(grads));
        }
    }

    private static Tensor normal(Device device, Random random, int rows, int cols) {
        Tensor tensor = device.allocate(DType.F32, rows, cols);
        float[] values = new float[rows * cols];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        device.write(tensor, values);
        return tensor;
    }
}

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
    void theNumberOfThreadsDoesNotChangeAttentionAndSideBranches() {
        List<float[]> one = results(1);
        List<float[]> three = results(3);
        for (int i = 0; i < one.size(); i++) {
            assertArrayEquals(one.get(i), three.get(i));
        }
    }

    private static List<float[]> results(int threads) {
        Random random = new Random(5);
        try (CpuDevice device = new CpuDevice(threads)) {
            AttentionShape shape = new AttentionShape(6, 2, 64);
            int rows = 200;
            Tensor q = normal(device, random, rows, shape.queryCols());
            Tensor k = normal(device, random, rows, shape.kvCols());
            Tensor v = normal(device, random, rows, shape.kvCols());
            Tensor dout = normal(device, random, rows, shape.queryCols());
            Tensor out = device.allocate(DType.F32, rows, shape.queryCols());
            Tensor dq = device.allocate(DType.F32, rows, shape.queryCols());
            Tensor dk = device.allocate(DType.F32, rows, shape.kvCols());
            Tensor dv = device.allocate(DType.F32, rows, shape.kvCols());
            List<Span> spans = List.of(Span.of(0, 161), Span.of(161, 3), Span.of(164, 36));
            device.attention(out, q, k, v, shape, null, spans);
            device.attentionBackward(dq, dk, dv, dout, q, k, v, shape, null, spans);
            // a decoding step over a cache of two blocks: one row each at the ends of sequences of 71 and 40 tokens
            KvLayer cache = new KvLayer(k.rows(0, 160), v.rows(0, 160), 80);
            Tensor decoded = device.allocate(DType.F32, rows, shape.queryCols());
            List<Span> steps = List.of(new Span(0, 1, 70, new int[] {1}), new Span(1, 1, 39, new int[] {0}));
            device.attention(decoded, q, k, v, shape, cache, steps);
            Tensor slab = normal(device, random, 1, 2 * (384 + 128));
            Tensor grads = device.allocate(DType.F32, 1, 2 * (384 + 128));
            List<LoraSpan.Part> parts = List.of(new LoraSpan.Part(0, 2 * 384, 2, 0.5f));
            List<LoraSpan> sides = List.of(new LoraSpan(0, 150, parts), new LoraSpan(150, 50, parts));
            device.loraBackward(dq, grads, dk, q, slab, sides);
            device.lora(dk, q, slab, sides);
            return List.of(
                    device.read(out),
                    device.read(decoded),
                    device.read(dq),
                    device.read(dk),
                    device.read(dv),
                    device.read(grads));
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

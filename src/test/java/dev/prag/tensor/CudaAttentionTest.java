package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.tensor.cuda.CudaDevice;
import dev.prag.tensor.cuda.CudaSettings;
import dev.prag.tensor.cuda.CudaStandIn;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What attention on a GPU does beyond the contract. */
class CudaAttentionTest {
    private static CudaDevice device;

    @BeforeAll
    static void open() {
        CudaStandIn.require();
        device = CudaDevice.open(new CudaSettings(0, 128L << 20, DType.BF16, true));
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    /** Positions and blocks lie in tables, whose places change with powers of two only. */
    @Test
    void stepsOfDecodingAreOneGraphWhileContextsGrow() {
        AttentionShape shape = new AttentionShape(4, 2, 64);
        try (Lab lab = new Lab(device, 90)) {
            Lab.TwinCache twin = lab.cache(DType.BF16, 24, 16, shape);
            KvLayer cache = new KvLayer(twin.keys().tested(), twin.values().tested(), 16);
            Tensor q = lab.normal(3, shape.queryCols()).tested();
            Tensor k = lab.normal(3, shape.kvCols()).tested();
            Tensor v = lab.normal(3, shape.kvCols()).tested();
            Tensor recorded = lab.normal(3, shape.queryCols()).tested();
            Tensor alone = lab.normal(3, shape.queryCols()).tested();
            long before = device.graphLaunches();
            for (int step = 0; step < 6; step++) {
                int[] blocks = IntStream.range(step, 9 + step).toArray();
                List<Span> spans = List.of(
                        new Span(0, 1, 65 + step * 11, blocks),
                        new Span(1, 1, 3 * step, new int[] {23}),
                        new Span(2, 1, step == 0 ? 0 : 17 - step, new int[] {20, 21}));
                device.repeated(() -> {
                    for (int layer = 0; layer < 2; layer++) {
                        device.cacheWrite(cache, k, v, spans);
                        device.attention(recorded, q, k, v, shape, cache, spans);
                    }
                    return null;
                });
                device.attention(alone, q, k, v, shape, cache, spans);
                assertArrayEquals(device.read(alone), device.read(recorded));
            }
            assertEquals(5, device.graphLaunches() - before);
        }
    }

    @Test
    void inBf16TensorCoresRoundWhatTheyMultiply() {
        try (Lab lab = new Lab(device, 91)) {
            Tensor q = lab.normal(40, 256).tested();
            Tensor k = lab.normal(40, 128).tested();
            Tensor v = lab.normal(40, 128).tested();
            Tensor out = lab.normal(40, 256).tested();
            List<Span> spans = List.of(Span.of(0, 40));
            device.attention(out, q, k, v, new AttentionShape(4, 2, 64), null, spans);
            float[] exact = device.read(out);
            device.attention(out, q, k, v, new AttentionShape(4, 2, 64, DType.BF16), null, spans);
            float[] rounded = device.read(out);
            assertFalse(Arrays.equals(exact, rounded));
            Lab.near(exact, rounded, 256, Lab.BF16);
        }
    }

    /** The product that follows reads the copy in bf16 that attention made in passing, or makes its own. */
    @Test
    void theProductBehindReadsWhatAttentionWrote() {
        AttentionShape shape = new AttentionShape(2, 1, 64);
        try (Lab lab = new Lab(device, 92)) {
            Tensor q = lab.normal(30, 128).tested();
            Tensor k = lab.normal(30, 64).tested();
            Tensor v = lab.normal(30, 64).tested();
            Tensor out = lab.normal(30, 128).tested();
            Tensor copy = lab.normal(30, 128).tested();
            Tensor first = lab.normal(30, 16).tested();
            Tensor second = lab.normal(30, 16).tested();
            Weight w = lab.weight(DType.BF16, 16, 128, DType.BF16).tested();
            for (List<Span> spans : List.of(
                    List.of(Span.of(0, 20), Span.of(20, 3), Span.of(23, 7)), List.of(Span.of(4, 20), Span.of(25, 2)))) {
                device.matmul(first, out, w, null);
                device.attention(out, q, k, v, shape, null, spans);
                device.matmul(first, out, w, null);
                device.copy(copy, out);
                device.matmul(second, copy, w, null);
                assertArrayEquals(device.read(second), device.read(first));
            }
        }
    }

    @Test
    void headsThatAreTooLargeAreRefused() {
        try (Tensor x = device.allocate(DType.F32, 1, 1032)) {
            AttentionShape shape = new AttentionShape(1, 1, 1032);
            List<Span> spans = List.of(Span.of(0, 1));
            assertThrows(IllegalArgumentException.class, () -> device.attention(x, x, x, x, shape, null, spans));
        }
    }
}

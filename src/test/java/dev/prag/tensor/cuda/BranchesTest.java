package dev.prag.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What side branches and sampling promise on a GPU beyond the contract. */
class BranchesTest {
    private static final int ROWS = 5;
    private static final int IN = 96;
    private static final int OUT = 300;

    private final Random random = new Random(9);

    private static List<LoraSpan> spans(int step, int rowsOfFirst) {
        List<LoraSpan> spans = new ArrayList<>();
        int row = 0;
        for (int i = 0; i < 4; i++) {
            List<LoraSpan.Part> parts = new ArrayList<>();
            for (int p = 0; p < 3; p++) {
                long a = 1000L * ((step * 7 + i * 3 + p * 5) % 31);
                parts.add(new LoraSpan.Part(a, a + 2 * IN, 2, 0.5f + step + p));
            }
            int rows = i == 0 ? rowsOfFirst : 1;
            spans.add(new LoraSpan(row, rows, parts));
            row += rows;
        }
        return spans;
    }

    private static List<SamplingRow> choices(int step) {
        List<SamplingRow> rows = new ArrayList<>();
        for (int r = 0; r < ROWS; r++) {
            int[] seen = new int[step * 3 + r];
            for (int i = 0; i < seen.length; i++) {
                seen[i] = (step + i * 11) % OUT;
            }
            double uniform = (step * 0.31 + r * 0.17) % 1;
            rows.add(new SamplingRow(r == 0 ? 0 : 0.5f + step, 20 * step, 0.9f, 1.2f, seen, uniform));
        }
        return rows;
    }

    /** Steps of decoding with other adapters, draws and seen ids are the same words. */
    @Test
    void otherAdaptersAndDrawsAreTheSameGraph() {
        CudaStandIn.require();
        for (int rowsOfFirst : new int[] {1, 2}) {
            try (CudaDevice device = CudaDevice.open(new CudaSettings(0, 128L << 20, DType.F32, true))) {
                Tensor slab = normal(device, 1, 32_000);
                Tensor x = normal(device, ROWS, IN);
                Tensor y = normal(device, ROWS, OUT);
                Tensor ids = device.allocate(DType.I32, ROWS, 1);
                Tensor logProbabilities = device.allocate(DType.F32, ROWS, 1);
                for (int step = 0; step < 4; step++) {
                    List<LoraSpan> spans = spans(step, rowsOfFirst);
                    List<SamplingRow> choices = choices(step);
                    device.fill(y, 0.5f);
                    device.lora(y, x, slab, spans);
                    device.sample(ids, logProbabilities, y, OUT, choices);
                    float[] expected = device.read(y);
                    int[] expectedIds = device.readInts(ids);
                    float[] expectedLogProbabilities = device.read(logProbabilities);
                    device.fill(y, 0.5f);
                    device.repeated(() -> {
                        device.lora(y, x, slab, spans);
                        device.sample(ids, logProbabilities, y, OUT, choices);
                        return null;
                    });
                    assertArrayEquals(expected, device.read(y));
                    assertArrayEquals(expectedIds, device.readInts(ids));
                    assertArrayEquals(expectedLogProbabilities, device.read(logProbabilities));
                }
                assertEquals(3, device.graphLaunches());
                List.of(slab, x, y, ids, logProbabilities).forEach(Tensor::close);
            }
        }
    }

    /** Alone, among other rows, in a span, and beside adapters for which other kernels are taken. */
    @Test
    void aRowGetsTheSameBitsWhateverElseIsThere() {
        CudaStandIn.require();
        try (CudaDevice device = CudaDevice.open(new CudaSettings(0, 128L << 20, DType.F32, true))) {
            int in = 1500;
            List<LoraSpan.Part> own =
                    List.of(new LoraSpan.Part(5, 8000, 3, 0.5f), new LoraSpan.Part(20_001, 30_000, 8, -1.5f));
            List<LoraSpan.Part> high = List.of(new LoraSpan.Part(1, 100_000, 64, 1));
            Tensor slab = normal(device, 1, 130_000);
            Tensor x = normal(device, 12, in);
            Tensor y = device.allocate(DType.F32, 12, OUT);
            float[] expected = null;
            for (List<LoraSpan> spans : List.of(
                    List.of(new LoraSpan(4, 1, own)),
                    List.of(new LoraSpan(2, 1, own), new LoraSpan(4, 1, own)),
                    List.of(new LoraSpan(0, 1, high), new LoraSpan(4, 1, own)),
                    List.of(new LoraSpan(3, 4, own)),
                    List.of(new LoraSpan(0, 12, own)))) {
                device.fill(y, 0.25f);
                device.lora(y, x, slab, spans);
                float[] row = device.read(y.rows(4, 1));
                if (expected == null) {
                    expected = row;
                }
                assertArrayEquals(expected, row);
            }
            List.of(slab, x, y).forEach(Tensor::close);
        }
    }

    private Tensor normal(CudaDevice device, int rows, int cols) {
        Tensor tensor = device.allocate(DType.F32, rows, cols);
        float[] values = new float[rows * cols];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        device.write(tensor, values);
        return tensor;
    }
}

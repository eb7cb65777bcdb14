package dev.prag.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.prag.tensor.DType;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with BF16 weights that are widened block by block are those of the weights as they are. */
class WideningTest {
    private final Random random = new Random(5);
    private final OneDnn oneDnn = new OneDnn(2);
    private final Pool pool = new Pool(2);
    private final Products widening = new Products(oneDnn, pool, new SecondLayouts(false, 0), () -> true);
    private final Products asTheyAre = new Products(oneDnn, pool, new SecondLayouts(false, 0), () -> false);

    @AfterEach
    void close() {
        widening.close();
        asTheyAre.close();
        pool.close();
        oneDnn.close();
    }

    private CpuMemory floats(int count, double magnitude) {
        CpuMemory memory = new CpuMemory(4L * count);
        for (int i = 0; i < count; i++) {
            Vec.setFloat(memory.address() + 4L * i, (float) (magnitude * random.nextGaussian()));
        }
        return memory;
    }

    private CpuWeight weight(int out, int in) {
        CpuMemory values = floats(out * in, 1 / Math.sqrt(in));
        CpuMemory halves = new CpuMemory(2L * out * in);
        Convert.floatsToBf16(halves.address(), values.address(), (long) out * in);
        values.free();
        return new CpuWeight(out, in, DType.BF16, halves, CpuWeight::free);
    }

    private static float[] read(CpuMemory memory, int count) {
        float[] values = new float[count];
        Convert.toArray(values, memory.address(), DType.F32, count);
        return values;
    }

    /** Fewer rows than are worth it, as many, and more than go through at once; weights of one part and of several. */
    @ParameterizedTest
    @CsvSource({"63, 200, 160", "64, 200, 160", "65, 33, 17", "600, 1000, 900", "520, 300, 5000"})
    void forward(int m, int out, int in) {
        try (CpuWeight w = weight(out, in)) {
            CpuMemory x = floats(m * in, 1);
            CpuMemory bias = floats(out, 1);
            CpuMemory y = floats(m * out, 100);
            asTheyAre.forward(y.address(), x.address(), m, w, bias.address(), true);
            float[] expected = read(y, m * out);
            widening.forward(y.address(), x.address(), m, w, bias.address(), true);
            assertArrayEquals(expected, read(y, m * out), 1e-4f);
            widening.forward(y.address(), x.address(), m, w, bias.address(), false);
            assertArrayEquals(expected, read(y, m * out), "what isn't training is as it was");
            x.free();
            bias.free();
            y.free();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "63, 200, 160, true",
        "64, 200, 160, false",
        "65, 33, 17, true",
        "600, 1000, 900, false",
        "70, 5000, 300, true"
    })
    void backward(int m, int out, int in, boolean accumulate) {
        try (CpuWeight w = weight(out, in)) {
            CpuMemory dy = floats(m * out, 1);
            CpuMemory expected = floats(m * in, 1);
            CpuMemory actual = new CpuMemory(4L * m * in);
            Convert.stored(actual.address(), DType.F32, expected.address(), DType.F32, (long) m * in);
            asTheyAre.backward(expected.address(), dy.address(), m, w, accumulate, false);
            widening.backward(actual.address(), dy.address(), m, w, accumulate, false);
            float tolerance = (float) (1e-4 * Math.sqrt((double) out / in));
            assertArrayEquals(read(expected, m * in), read(actual, m * in), tolerance);
            dy.free();
            expected.free();
            actual.free();
        }
    }
}

package dev.prag.tensor.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every backward operation against central differences in f64 of L = Σ direction ⊙ out, whose gradient with respect to
 * out is the random direction.
 */
class FiniteDifferenceTest {
    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-7;

    private final PlainDevice device = new PlainDevice();
    private final Random random = new Random(11);

    @AfterEach
    void close() {
        device.close();
    }

    private Tensor normal(int rows, int cols) {
        Tensor tensor = device.allocate(DType.F32, rows, cols);
        device.writeExact(tensor, random.doubles((long) rows * cols, -2, 2).toArray());
        return tensor;
    }

    private Tensor zeros(int rows, int cols) {
        return device.allocate(DType.F32, rows, cols);
    }

    private Tensor ints(int... values) {
        Tensor tensor = device.allocate(DType.I32, values.length, 1);
        device.write(tensor, values);
        return tensor;
    }

    private Weight weight(int out, int in) {
        byte[] bytes = new byte[out * in * 2];
        for (int i = 0; i < out * in; i++) {
            short bits = Float.floatToFloat16((float) random.nextGaussian());
            bytes[2 * i] = (byte) bits;
            bytes[2 * i + 1] = (byte) (bits >> 8);
        }
        return device.weight(MemorySegment.ofArray(bytes), DType.F16, out, in, DType.F32);
    }

    /** {@code gradient} must be that of Σ direction ⊙ out with respect to {@code input}. */
    private void check(Runnable forward, Tensor out, Tensor direction, Tensor input, Tensor gradient) {
        double[] analytic = device.readExact(gradient);
        double[] at = device.readExact(input);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < at.length; i++) {
            double numeric = (functional(forward, out, direction, input, at, i, STEP)
                            - functional(forward, out, direction, input, at, i, -STEP))
                    / (2 * STEP);
            difference += (numeric - analytic[i]) * (numeric - analytic[i]);
            norm += numeric * numeric;
        }
        device.writeExact(input, at);
        assertTrue(norm > 0, "the functional does not depend on the input");
        assertEquals(0, Math.sqrt(difference / norm), TOLERANCE);
    }

    private double functional(
            Runnable forward, Tensor out, Tensor direction, Tensor input, double[] at, int index, double step) {
        double[] moved = at.clone();
        moved[index] += step;
        device.writeExact(input, moved);
        forward.run();
        double[] values = device.readExact(out);
        double[] weights = device.readExact(direction);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * weights[i];
        }
        return sum;
    }

    @Test
    void rmsNorm() {
        Tensor x = normal(3, 7);
        Tensor gain = normal(1, 7);
        Tensor out = zeros(3, 7);
        Tensor direction = normal(3, 7);
        Tensor dx = zeros(3, 7);
        device.rmsNormBackward(dx, direction, x, gain, 1e-2f);
        check(() -> device.rmsNorm(out, x, gain, 1e-2f), out, direction, x, dx);
    }

    @Test
    void matmul() {
        Weight w = weight(5, 7);
        Tensor x = normal(3, 7);
        Tensor bias = normal(1, 5);
        Tensor y = zeros(3, 5);
        Tensor direction = normal(3, 5);
        Tensor dx = normal(3, 7);
        device.matmulBackward(dx, direction, w, false);
        check(() -> device.matmul(y, x, w, bias), y, direction, x, dx);
    }

    @Test
    void lora() {
        Tensor slab = normal(1, 80);
        // the second part serves two spans
        LoraSpan.Part first = new LoraSpan.Part(1, 15, 2, 0.7f);
        LoraSpan.Part second = new LoraSpan.Part(30, 58, 4, -1.3f);
        List<LoraSpan> spans = List.of(new LoraSpan(0, 2, List.of(first, second)), new LoraSpan(3, 2, List.of(second)));
        Tensor x = normal(6, 7);
        Tensor y = zeros(6, 5);
        Tensor direction = normal(6, 5);
        Tensor dx = zeros(6, 7);
        Tensor grads = zeros(1, 80);
        device.loraBackward(dx, grads, direction, x, slab, spans);
        Runnable forward = () -> {
            device.fill(y, 0);
            device.lora(y, x, slab, spans);
        };
        check(forward, y, direction, x, dx);
        check(forward, y, direction, slab, grads);
    }

    @Test
    void rope() {
        Tensor positions = ints(3, 0, 9);
        Tensor cos = normal(10, 3);
        Tensor sin = normal(10, 3);
        Tensor x = normal(3, 12);
        Tensor out = zeros(3, 12);
        Tensor direction = normal(3, 12);
        Tensor dx = zeros(3, 12);
        device.copy(dx, direction);
        device.ropeBackward(dx, positions, cos, sin, 6);
        Runnable forward = () -> {
            device.copy(out, x);
            device.rope(out, positions, cos, sin, 6);
        };
        check(forward, out, direction, x, dx);
    }

    @Test
    void attention() {
        attention(null, List.of(Span.of(0, 5), Span.of(6, 2)));
    }

    @Test
    void attentionOverACachedPrefix() {
        KvLayer cache = new KvLayer(normal(12, 12), normal(12, 12), 3);
        attention(cache, List.of(new Span(0, 4, 5, new int[] {2, 0, 3}), Span.of(4, 1), new Span(6, 2, 2, new int[] {1
        })));
    }

    private void attention(KvLayer cache, List<Span> spans) {
        AttentionShape shape = new AttentionShape(4, 2, 6);
        Tensor q = normal(8, 24);
        Tensor k = normal(8, 12);
        Tensor v = normal(8, 12);
        Tensor out = zeros(8, 24);
        Tensor direction = normal(8, 24);
        Tensor dq = zeros(8, 24);
        Tensor dk = zeros(8, 12);
        Tensor dv = zeros(8, 12);
        device.attentionBackward(dq, dk, dv, direction, q, k, v, shape, cache, spans);
        Runnable forward = () -> device.attention(out, q, k, v, shape, cache, spans);
        check(forward, out, direction, q, dq);
        check(forward, out, direction, k, dk);
        check(forward, out, direction, v, dv);
    }

    @Test
    void swiglu() {
        Tensor gate = normal(3, 7);
        Tensor up = normal(3, 7);
        Tensor out = zeros(3, 7);
        Tensor direction = normal(3, 7);
        Tensor dgate = normal(3, 7);
        Tensor dup = normal(3, 7);
        device.swigluBackward(dgate, dup, direction, gate, up);
        Runnable forward = () -> device.swiglu(out, gate, up);
        check(forward, out, direction, gate, dgate);
        check(forward, out, direction, up, dup);
    }

    @Test
    void crossEntropy() {
        Tensor logits = normal(3, 9);
        Tensor labels = ints(0, 8, 4);
        // the scale of a row is the weight of its loss
        Tensor scales = normal(3, 1);
        Tensor losses = zeros(3, 1);
        Tensor dlogits = normal(3, 9);
        device.crossEntropy(losses, dlogits, logits, labels, scales);
        check(() -> device.crossEntropy(losses, null, logits, labels, null), losses, scales, logits, dlogits);
    }

    @Test
    void softCrossEntropy() {
        Tensor logits = normal(3, 9);
        Tensor ids = ints(0, 8, 4, 2, 1, 7).reshape(3, 2);
        Tensor probabilities = zeros(3, 2);
        device.writeExact(probabilities, new double[] {0.5, 0.2, 0.9, 0.1, 0, 0.05});
        Tensor scales = normal(3, 1);
        Tensor losses = zeros(3, 1);
        Tensor dlogits = normal(3, 9);
        device.softCrossEntropy(losses, dlogits, logits, ids, probabilities, scales);
        check(
                () -> device.softCrossEntropy(losses, null, logits, ids, probabilities, null),
                losses,
                scales,
                logits,
                dlogits);
    }
}

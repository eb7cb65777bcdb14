package dev.prag.llm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is told beforehand against what is then allocated. */
class MemoryNeedsTest {
    /** Counts the bytes that are asked for, and computes nothing. */
    private static Device counting(AtomicLong bytes) {
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(), new Class<?>[] {Device.class}, (device, method, arguments) -> {
                    if (!method.getName().equals("allocate")) {
                        return null;
                    }
                    DType dtype = (DType) arguments[0];
                    int rows = (int) arguments[1];
                    int cols = (int) arguments[2];
                    bytes.addAndGet((long) dtype.bytes() * rows * cols);
                    return new Tensor((Device) device, dtype, rows, cols, null, 0, true);
                });
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void whatADecodingStepTakes(ReferenceModel model) {
        AtomicLong bytes = new AtomicLong();
        new DecoderWorkspace(counting(bytes), model.config(), 70, 6).close();
        assertEquals(bytes.get(), MemoryNeeds.decoding(model.config(), 70, 6));
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void whatATrainingStepTakes(ReferenceModel model) {
        // The arena is rounded up to whole granules.
        double rounding = 1.05;
        for (int rows : new int[] {64, 700}) {
            for (long activations : new long[] {1, 1 << 20, 1L << 40}) {
                AtomicLong bytes = new AtomicLong();
                new TrainingWorkspace(counting(bytes), model.config(), rows, activations).close();
                long told =
                        MemoryNeeds.training(model.config(), rows, activations) - MemoryNeeds.prefixes(model.config());
                assertEquals(1, bytes.get() / (double) told, rounding - 1, rows + " rows, " + activations);
            }
        }
    }

    @Test
    void prefixesTakeTheSameMemoryButOfVerySmallAndVeryLargeModels() {
        ModelConfig qwenOfHalfABillion = attention(24, 14, 2, 64);
        assertEquals(21_845, Backpropagation.prefixTokens(qwenOfHalfABillion));
        assertEquals(512L << 20, MemoryNeeds.prefixes(qwenOfHalfABillion), 1 << 20);
        ModelConfig llamaOfEightBillion = attention(32, 32, 8, 128);
        assertEquals(10 << 10, Backpropagation.prefixTokens(llamaOfEightBillion));
        assertEquals(32 << 10, Backpropagation.prefixTokens(ReferenceModel.LLAMA_3.config()));
    }

    private static ModelConfig attention(int layers, int heads, int kvHeads, int headDim) {
        return new ModelConfig(
                "qwen2",
                100,
                heads * headDim,
                100,
                layers,
                heads,
                kvHeads,
                headDim,
                1e-6f,
                ModelConfig.RopeScaling.plain(10_000, 512),
                512,
                true,
                true,
                false,
                Optional.empty(),
                List.of());
    }

    @ParameterizedTest
    @EnumSource(ReferenceModel.class)
    void weightsAreHeldTwiceButForAnEmbeddingThatIsOnlyLookedUp(ReferenceModel model) {
        ModelConfig config = model.config();
        long norms = (2L * config.layers() + 1) * config.hiddenSize();
        long biases = config.attentionBias()
                ? (long) config.layers() * (config.heads() + 2 * config.kvHeads()) * config.headDim()
                : 0;
        long matrices = config.parameters() - norms - biases;
        long lookedUp = config.tiedEmbeddings() ? 0 : (long) config.vocabSize() * config.hiddenSize();
        assertEquals(2 * (2 * matrices - lookedUp), MemoryNeeds.weights(config, DType.BF16, false));
        assertEquals(matrices - lookedUp, MemoryNeeds.weights(config, DType.I8, true));
    }
}

package dev.prag.bench;

import dev.prag.base.UserException;
import dev.prag.llm.ModelConfig;
import dev.prag.llm.ModelConfig.RopeScaling;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Shapes of published models, to be filled with random weights: speed depends on the shape alone. */
public enum ModelShape {
    /** LLaMA 3.2, 1 billion parameters (config.json of Llama-3.2-1B). */
    LLAMA_3_2_1B("llama-3.2-1b", "llama", 128_256, 2048, 8192, 16, 32, 8, 64, 1e-5f, 500_000f, true, false),
    /** Qwen 2.5, 1.5 billion parameters (config.json of Qwen2.5-1.5B). */
    QWEN_2_5_1_5B("qwen-2.5-1.5b", "qwen2", 151_936, 1536, 8960, 28, 12, 2, 128, 1e-6f, 1_000_000f, true, true),
    /** LLaMA 3, 8 billion parameters (config.json of Meta-Llama-3-8B). */
    LLAMA_3_8B("llama-3-8b", "llama", 128_256, 4096, 14_336, 32, 32, 8, 128, 1e-5f, 500_000f, false, false),
    /** The demo model that comes with the program. */
    DEMO("demo", "llama", 4096, 256, 768, 6, 4, 2, 64, 1e-5f, 10_000f, true, false);

    private static final int POSITIONS = 8192;

    private final String label;
    private final ModelConfig config;

    ModelShape(
            String label,
            String type,
            int vocab,
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int kvHeads,
            int headDim,
            float eps,
            float theta,
            boolean tied,
            boolean attentionBias) {
        this.label = label;
        config = new ModelConfig(
                type,
                vocab,
                hidden,
                intermediate,
                layers,
                heads,
                kvHeads,
                headDim,
                eps,
                RopeScaling.plain(theta, POSITIONS),
                POSITIONS,
                tied,
                attentionBias,
                false,
                Optional.empty(),
                List.of());
    }

    /** Its name on the command line. */
    public String label() {
        return label;
    }

    public ModelConfig config() {
        return config;
    }

    /** Bytes of its largest matrix in bf16: that of the tokens. */
    long largestTensorBytes() {
        return 2L * config.vocabSize() * config.hiddenSize();
    }

    /**
     * The shape of that name.
     *
     * @throws UserException if there is none
     */
    public static ModelShape named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(shape -> shape.label.equals(wanted))
                .findFirst()
                .orElseThrow(() -> new UserException("--shape " + name + ": there is no such shape; choose "
                        + Arrays.stream(values()).map(ModelShape::label).collect(Collectors.joining(", "))));
    }
}

package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.llm.ComputeType;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelConfig;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.tensor.DType;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.Option;

/** Options of every model tool: which model, and how it is computed. */
final class ModelOptions extends DeviceOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Model folder in Hugging Face layout, or a GGUF file. Default: $PRAG_MODEL, else the demo"
                    + " model.")
    private Path model;

    @Option(
            names = "--dtype",
            paramLabel = "f32|bf16",
            defaultValue = "bf16",
            description = "Type in which matrix products are computed: bf16 is fast, f32 agrees with PyTorch to about"
                    + " 1e-4. Default: bf16.")
    private String dtype;

    @Option(
            names = "--weights",
            paramLabel = "full|int8",
            defaultValue = ComputeType.FULL,
            description = "int8 quantises the weights when they are loaded, by output channel, and activations in"
                    + " every product, by row: half the memory of bf16, and faster. Default: full, as --dtype says.")
    private String weights;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Bound on the tokens of one sequence. Default: " + LanguageModel.DEFAULT_CONTEXT
                    + ", or the model's bound where that is smaller.")
    private Integer context;

    @Option(
            names = "--date",
            paramLabel = "YYYY-MM-DD",
            description = "What chat templates that ask for the date are told, so that a prompt is the same on every"
                    + " day. Default: 2024-07-26.")
    private String date;

    @Option(names = "--verbose", description = "Show where an error came from.")
    private boolean verbose;

    ModelFolder openFolder() {
        return ModelFolder.open(folder());
    }

    /** The model that is named, or else in force. */
    Path folder() {
        if (model != null) {
            return model;
        }
        String variable = System.getenv("PRAG_MODEL");
        return variable != null && !variable.isBlank() ? Path.of(variable) : demoFolder();
    }

    /** The model that comes with the program. */
    static Path demoFolder() {
        return Path.of(System.getProperty("prag.demo", "src/main/demo"), "model");
    }

    /** Whether a bound on the tokens of a sequence is given. */
    boolean hasContext() {
        return context != null;
    }

    /** Type of the products. */
    DType dtype() {
        return ComputeType.of("--", dtype, weights);
    }

    /** Tokens that one sequence may have. */
    int context(ModelConfig config) {
        int most = config.maxPositions();
        if (context == null) {
            return Math.min(most, LanguageModel.DEFAULT_CONTEXT);
        }
        if (context < 1 || context > most) {
            throw new UserException(
                    "--context " + context + ": this model has " + most + " positions; give 1 to " + most);
        }
        return context;
    }

    /** The time that chat templates are told. */
    LocalDateTime templateTime() {
        if (date == null) {
            return ChatTemplate.DEFAULT_TIME;
        }
        try {
            return LocalDate.parse(date).atStartOfDay();
        } catch (DateTimeParseException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "--date " + date + ": is no date; give it as 2024-07-26", e);
        }
    }

    /** Says on standard error what takes time, if asked to. */
    boolean verbose() {
        return verbose;
    }
}

package dev.prag.runtime;

import dev.prag.base.UserException;
import dev.prag.devices.DeviceChoice;
import dev.prag.devices.DeviceSettings;
import dev.prag.generation.MergeSettings;
import dev.prag.llm.ComputeType;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.lora.AdapterFormat;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Which model, and how it is computed: the settings {@code prag.model}, {@code prag.dtype} and their like. */
@ApplicationScoped
public class ModelSettings {
    /** Hears which device was taken; the command line shows what it is told. */
    private static final System.Logger DEVICES = System.getLogger(DeviceChoice.class.getName());

    @Inject
    @ConfigProperty(name = "prag.model")
    Optional<Path> model;

    @Inject
    @ConfigProperty(name = "prag.demo", defaultValue = "src/main/demo")
    Path demo;

    @Inject
    @ConfigProperty(name = "prag.dtype", defaultValue = "bf16")
    String dtype;

    @Inject
    @ConfigProperty(name = "prag.weights", defaultValue = ComputeType.FULL)
    String weights;

    @Inject
    @ConfigProperty(name = "prag.device", defaultValue = DeviceChoice.AUTO)
    String device;

    @Inject
    Config config;

    @Inject
    @ConfigProperty(name = "prag.context")
    OptionalInt context;

    @Inject
    @ConfigProperty(name = "prag.threads")
    OptionalInt threads;

    @Inject
    @ConfigProperty(name = "prag.template.date")
    Optional<LocalDate> templateDate;

    @Inject
    @ConfigProperty(name = "prag.sequences", defaultValue = "64")
    int sequences;

    @Inject
    @ConfigProperty(name = "prag.waiting", defaultValue = "256")
    int waiting;

    @Inject
    @ConfigProperty(name = "prag.cache.mib", defaultValue = "1024")
    int cacheMebibytes;

    @Inject
    @ConfigProperty(name = "prag.merge.max-logprob-difference", defaultValue = "0")
    float maxLogprobDifference;

    @Inject
    @ConfigProperty(name = "prag.merge.mib", defaultValue = "1024")
    int mergeMebibytes;

    @Inject
    @ConfigProperty(name = "prag.training.rows", defaultValue = "4096")
    int trainingRows;

    @Inject
    @ConfigProperty(name = "prag.training.activation-mib", defaultValue = "4096")
    int activationMebibytes;

    @Inject
    @ConfigProperty(name = "prag.encoder.enabled", defaultValue = "false")
    boolean encodesBeside;

    @Inject
    @ConfigProperty(name = "prag.training.measure", defaultValue = "0.1")
    double measureShare;

    @Inject
    @ConfigProperty(name = "prag.adapters.resident-mib", defaultValue = "256")
    int residentMebibytes;

    @Inject
    @ConfigProperty(name = "prag.adapters.wait", defaultValue = "10s")
    Duration roomPatience;

    @Inject
    @ConfigProperty(name = "prag.adapters.dtype", defaultValue = "bf16")
    String adapterFormat;

    /** The model's folder. */
    public Path folder() {
        return model.orElseGet(this::demoFolder);
    }

    /** The folder of the model that comes with the program. */
    Path demoFolder() {
        Path folder = demo.resolve("model");
        if (model.isEmpty() && !Files.isDirectory(folder)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "demo model: there is no folder " + folder + "; name a model with --model DIR or PRAG_MODEL");
        }
        return folder;
    }

    /** In which type the matrix products are computed. */
    public DType dtype() {
        return dtype(weights);
    }

    /** The same for other weights than the setting's: full or int8. */
    DType dtype(String ofWeights) {
        return ComputeType.of("", dtype, ofWeights);
    }

    /**
     * What computes, opened.
     *
     * @throws UserException naming what there is, if it can't be used here
     */
    Device openDevice() {
        return DeviceChoice.open(
                device,
                threads.isPresent() ? Integer.valueOf(positive("threads", threads.getAsInt())) : null,
                DeviceSettings.of(name -> config.getOptionalValue(name, String.class)),
                note -> DEVICES.log(System.Logger.Level.INFO, note));
    }

    /** Bound on the tokens of one sequence, where one is set. */
    public OptionalInt context() {
        return context;
    }

    /** What chat templates that ask for the date are told: the same on every day, as it decides what adapters see. */
    public LocalDateTime templateTime() {
        return templateDate.map(LocalDate::atStartOfDay).orElse(ChatTemplate.DEFAULT_TIME);
    }

    /** How many sequences are generated at once. */
    public int sequences() {
        return positive("sequences", sequences);
    }

    /** How many more may wait for a place. */
    public int waiting() {
        return positive("waiting", waiting);
    }

    /** Memory for keys and values of all sequences. */
    public long cacheBytes() {
        return positive("cache.mib", cacheMebibytes) * (1L << 20);
    }

    /** When an engine merges a composition into a copy of the weights: never, unless a difference is allowed. */
    public MergeSettings merging() {
        return new MergeSettings(maxLogprobDifference, positive("merge.mib", mergeMebibytes) * (1L << 20));
    }

    /** Whether a service encodes in the background, too. */
    boolean encodesBeside() {
        return encodesBeside;
    }

    /** How many tokens are trained on at once. */
    public int trainingRows() {
        return positive("training.rows", trainingRows);
    }

    /** Memory for activations of training; where it doesn't suffice for all layers, some are computed twice. */
    public long activationBytes() {
        return positive("training.activation-mib", activationMebibytes) * (1L << 20);
    }

    /** The most that measuring adapters may take of the time that their training took; 0 where they aren't measured. */
    public double measureShare() {
        if (!(measureShare >= 0 && measureShare <= 10)) {
            throw new UserException("prag.training.measure is " + measureShare
                    + "; give the share of the training's time that measuring may take, such as 0.1, or 0 for none");
        }
        return measureShare;
    }

    /** Device memory for adapters, in F32 elements. */
    public long residentFloats() {
        return positive("adapters.resident-mib", residentMebibytes) * (1L << 20) / Float.BYTES;
    }

    /** How adapters that are trained are written. */
    AdapterFormat adapterFormat() {
        return AdapterFormat.of("prag.adapters.dtype", adapterFormat);
    }

    /** How long an answer waits for device memory that others use. */
    Duration roomPatience() {
        if (roomPatience.isNegative()) {
            throw new UserException("prag.adapters.wait is " + roomPatience + "; it can't be negative");
        }
        return roomPatience;
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new UserException("prag." + name + " is " + value + "; it has to be at least 1");
        }
        return value;
    }
}

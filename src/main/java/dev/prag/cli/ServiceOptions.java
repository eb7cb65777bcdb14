package dev.prag.cli;

import dev.prag.devices.DeviceChoice;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of every command that works on a home: each is a setting of the service under the name it stands for. */
public final class ServiceOptions {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Folder that holds everything the program keeps: database, index, adapters. Default: "
                    + "$PRAG_HOME, else a folder of your data directory.")
    Path home;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model folder in Hugging Face layout, or a GGUF file. Default: $PRAG_MODEL, else the demo"
                    + " model.")
    Path model;

    @Option(
            names = "--dtype",
            paramLabel = "f32|bf16",
            description = "Type in which the model's matrix products are computed. Default: bf16.")
    String dtype;

    @Option(
            names = "--weights",
            paramLabel = "full|int8",
            description = "int8 quantises the model's weights when they are loaded: half the memory of bf16, and "
                    + "faster; adapters serve both. Default: full, as --dtype says.")
    String weights;

    @Option(
            names = "--recipe",
            paramLabel = "NAME|FILE",
            description = "How passages are augmented, encoded and composed. Default: demo for the demo model, "
                    + "else general.")
    String recipe;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Bound on the tokens of one sequence; the model's own bound may be much larger than "
                    + "memory allows. Default: 4096, or the model's bound where that is smaller.")
    Integer context;

    @Option(
            names = "--device",
            paramLabel = DeviceChoice.WORDS,
            description = "What computes: the processor, a GPU, or with auto a GPU if one can be used. `prag device`"
                    + " lists them. Default: auto.")
    String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Compute threads of the processor. Default: one for each core.")
    Integer threads;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = "An external PostgreSQL (15 or newer), as jdbc:postgresql://host:port/name, in place of the "
                    + "embedded one; user and password come from PRAG_DATABASE_USERNAME and PRAG_DATABASE_PASSWORD.")
    String databaseUrl;

    @Option(names = "--verbose", description = "Show the program's log and stack traces.")
    boolean verbose;

    /** The settings that were given, by the name of their configuration property. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        put(settings, "prag.home", home);
        put(settings, "prag.model", model);
        put(settings, "prag.dtype", dtype);
        put(settings, "prag.weights", weights);
        put(settings, "prag.recipe", recipe);
        put(settings, "prag.context", context);
        if (device != null) {
            DeviceChoice.check("--device", device);
        }
        put(settings, "prag.device", device);
        put(settings, "prag.threads", threads);
        put(settings, "prag.database.url", databaseUrl);
        return settings;
    }

    private static void put(Map<String, String> settings, String name, Object value) {
        if (value != null) {
            settings.put(name, value.toString());
        }
    }
}

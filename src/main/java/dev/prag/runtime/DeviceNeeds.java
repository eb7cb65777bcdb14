package dev.prag.runtime;

import dev.prag.generation.EngineSettings;
import dev.prag.llm.DevicePlan;
import dev.prag.llm.MemoryNeeds;
import dev.prag.llm.ModelConfig;
import dev.prag.tensor.DType;

/** What this process may bring to a device with memory of its own, under its settings. */
final class DeviceNeeds {
    private DeviceNeeds() {}

    /** At most, of a model that is opened to generate beside the one that answers. */
    static DevicePlan beside(ModelSettings settings, ModelConfig config, DType dtype, DType cache, int context) {
        int sequences = settings.sequences();
        int rows = sequences + EngineSettings.of(2, 1).prefillRows();
        return new DevicePlan()
                .with("weights", MemoryNeeds.weightsOnce(config, dtype))
                .with("keys and values", cacheBytes(settings, config, cache, context))
                .with("activations", MemoryNeeds.decoding(config, rows, sequences))
                .with("operations", MemoryNeeds.operations(config, rows));
    }

    private static long cacheBytes(ModelSettings settings, ModelConfig config, DType cache, int context) {
        return Math.min(
                settings.cacheBytes(), EngineSettings.bytesPerToken(config, cache) * context * settings.sequences());
    }

    /**
     * At most.
     *
     * @param cache the type of keys and values
     * @param context tokens of one sequence
     * @param trains whether passages are trained; a process that does so and nothing else holds no adapters for answers
     */
    static DevicePlan of(ModelSettings settings, ModelConfig config, DType cache, int context, boolean trains) {
        int sequences = settings.sequences();
        int rows = sequences + EngineSettings.of(2, 1).prefillRows();
        DevicePlan plan = new DevicePlan()
                .with("weights", MemoryNeeds.weightsOnce(config, settings.dtype()))
                .with("keys and values", cacheBytes(settings, config, cache, context))
                .with("activations", MemoryNeeds.decoding(config, rows, sequences));
        if (!trains || settings.encodesBeside()) {
            plan.with("adapters", settings.residentFloats() * Float.BYTES);
        }
        if (settings.merging().enabled()) {
            plan.with("a merged copy", settings.merging().bytes());
        }
        boolean training = trains || settings.encodesBeside();
        if (training) {
            plan.with("training", MemoryNeeds.training(config, settings.trainingRows(), settings.activationBytes()));
        }
        int mostRows = training ? Math.max(rows, settings.trainingRows()) : rows;
        return plan.with("operations", MemoryNeeds.operations(config, mostRows));
    }
}

package dev.prag.cli.model;

import dev.prag.generation.EngineSettings;
import dev.prag.llm.DevicePlan;
import dev.prag.llm.MemoryNeeds;
import dev.prag.llm.ModelConfig;
import dev.prag.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Memory that answering and encoding take, under the settings in force, against what the machine has.
 *
 * @param inPlace whether the weights' file is part of the memory that is computed on
 * @param context tokens of one sequence
 * @param cache type of keys and values
 * @param machine memory of the machine, or of a device that has its own
 * @param own whether it is a device's own, where nothing else of the program lies
 */
record MemoryCheck(
        ModelConfig config, DType compute, boolean inPlace, int context, DType cache, Machine machine, boolean own) {
    private static final long MIB = 1L << 20;

    /** The program itself: heap, code, libraries. */
    private static final long PROGRAM = 400 * MIB;

    /** Tokens of prompts in one step. */
    private static final int PREFILL_ROWS = EngineSettings.of(2, 1).prefillRows();

    /** Bytes by what they are for, when questions are answered. */
    Map<String, Long> answering() {
        Map<String, Long> parts = engine();
        parts.put("adapters", Settings.positive("prag.adapters.resident-mib", 256) * MIB);
        operations(parts, PREFILL_ROWS);
        return parts;
    }

    /** The same when passages are augmented by the model itself and trained. */
    Map<String, Long> encoding() {
        Map<String, Long> parts = engine();
        int rows = (int) Settings.positive("prag.training.rows", 4096);
        long activations = Settings.positive("prag.training.activation-mib", 4096) * MIB;
        parts.put("training", MemoryNeeds.training(config, rows, activations));
        operations(parts, rows);
        return parts;
    }

    private Map<String, Long> engine() {
        int sequences = (int) Settings.positive("prag.sequences", 64);
        long most = Settings.positive("prag.cache.mib", 1024) * MIB;
        Map<String, Long> parts = new LinkedHashMap<>();
        if (!own) {
            parts.put("program", PROGRAM);
        }
        parts.put(
                "weights",
                own ? MemoryNeeds.weightsOnce(config, compute) : MemoryNeeds.weights(config, compute, inPlace));
        parts.put("keys and values", Math.min(most, EngineSettings.bytesPerToken(config, cache) * context * sequences));
        parts.put("activations", MemoryNeeds.decoding(config, PREFILL_ROWS + sequences, sequences));
        return parts;
    }

    private void operations(Map<String, Long> parts, int rows) {
        if (own) {
            parts.put("operations", MemoryNeeds.operations(config, rows));
        }
    }

    /** What a use of the model needs at most. */
    Finding finding(String use, Map<String, Long> parts) {
        long bytes = sum(parts);
        String needs = String.format(
                Locale.ROOT,
                "at most %s (%s) of %s",
                DevicePlan.size(bytes),
                DevicePlan.listed(parts),
                DevicePlan.size(machine.total()));
        String remedy = "give --weights int8, a smaller prag.cache.mib or --context"
                + (parts.containsKey("training") ? ", prag.training.activation-mib or prag.training.rows" : "")
                + ", or use a smaller model or a " + (own ? "GPU" : "machine") + " with more memory";
        if (bytes > machine.total()) {
            return Finding.fault(use, "needs " + needs, remedy);
        }
        if (bytes > machine.available()) {
            return Finding.warning(
                    use,
                    "needs " + needs + ", of which other programs leave " + DevicePlan.size(machine.available()),
                    remedy);
        }
        return Finding.ok(use, needs);
    }

    static long sum(Map<String, Long> parts) {
        return parts.values().stream().mapToLong(Long::longValue).sum();
    }
}

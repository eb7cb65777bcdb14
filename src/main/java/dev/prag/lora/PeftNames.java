package dev.prag.lora;

import dev.prag.lora.Adapter.Target;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names that PEFT gives to modules and tensors. */
final class PeftNames {
    private static final String PREFIX = "base_model.model.";
    private static final String LAYERS = PREFIX + "model.layers.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final int MOST_DIGITS = 6;
    private static final Map<String, Projection> BY_PATH =
            Arrays.stream(Projection.values()).collect(Collectors.toMap(Projection::path, Function.identity()));

    private PeftNames() {}

    /** Path of the module within the base model, such as {@code model.layers.0.mlp.gate_proj}. */
    static String module(Target target) {
        return "model.layers." + target.layer() + "." + target.projection().path();
    }

    static String a(Target target) {
        return PREFIX + module(target) + A;
    }

    static String b(Target target) {
        return PREFIX + module(target) + B;
    }

    /** The target whose A has that name. */
    static Optional<Target> targetOfA(String name) {
        if (!name.startsWith(LAYERS) || !name.endsWith(A)) {
            return Optional.empty();
        }
        int layer = 0;
        int at = LAYERS.length();
        int first = at;
        for (; name.charAt(at) >= '0' && name.charAt(at) <= '9' && at < first + MOST_DIGITS; at++) {
            layer = 10 * layer + name.charAt(at) - '0';
        }
        int end = name.length() - A.length();
        if (at == first || at >= end || name.charAt(at) != '.') {
            return Optional.empty();
        }
        Projection projection = BY_PATH.get(name.substring(at + 1, end));
        return projection == null ? Optional.empty() : Optional.of(new Target(layer, projection));
    }

    /** All matrices of an adapter under these names, F32. */
    static List<StoredTensor> tensors(Adapter adapter) {
        return tensors(adapter, DType.F32);
    }

    /** The same, rounded to a type. */
    static List<StoredTensor> tensors(Adapter adapter, DType dtype) {
        List<StoredTensor> tensors = new ArrayList<>();
        int rank = adapter.rank();
        adapter.updates().forEach((target, update) -> {
            int[] a = {rank, update.a().length / rank};
            int[] b = {update.b().length / rank, rank};
            tensors.add(StoredTensor.of(a(target), dtype, a, update.a()));
            tensors.add(StoredTensor.of(b(target), dtype, b, update.b()));
        });
        return tensors;
    }

    /**
     * Checks what is to be kept or handed out.
     *
     * @throws UserException naming the tensor that holds an infinite number or none
     */
    static void requireFinite(Adapter adapter, String origin) {
        tensors(adapter)
                .forEach(tensor -> tensor.requireFinite(
                        origin, "the adapter's training diverged: train it again with a smaller learning rate"));
    }
}

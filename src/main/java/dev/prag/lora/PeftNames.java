package dev.prag.lora;

import dev.prag.lora.Adapter.Target;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that PEFT gives to modules and tensors. */
final class PeftNames {
    private static final String PREFIX = "base_model.model.";
    private static final Pattern A =
            Pattern.compile("base_model\\.model\\.model\\.layers\\.(\\d{1,6})\\.(.+)\\.lora_A\\.weight");

    private PeftNames() {}

    /** Path of the module within the base model, such as {@code model.layers.0.mlp.gate_proj}. */
    static String module(Target target) {
        return "model.layers." + target.layer() + "." + target.projection().path();
    }

    static String a(Target target) {
        return PREFIX + module(target) + ".lora_A.weight";
    }

    static String b(Target target) {
        return PREFIX + module(target) + ".lora_B.weight";
    }

    /** The target whose A has that name. */
    static Optional<Target> targetOfA(String name) {
        Matcher matcher = A.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int layer = Integer.parseInt(matcher.group(1));
        return Arrays.stream(Projection.values())
                .filter(projection -> projection.path().equals(matcher.group(2)))
                .findFirst()
                .map(projection -> new Target(layer, projection));
    }

    /** All matrices of an adapter under these names, F32. */
    static List<StoredTensor> tensors(Adapter adapter) {
        List<StoredTensor> tensors = new ArrayList<>();
        int rank = adapter.rank();
        adapter.updates().forEach((target, update) -> {
            int[] a = {rank, update.a().length / rank};
            int[] b = {update.b().length / rank, rank};
            tensors.add(StoredTensor.of(a(target), DType.F32, a, update.a()));
            tensors.add(StoredTensor.of(b(target), DType.F32, b, update.b()));
        });
        return tensors;
    }
}

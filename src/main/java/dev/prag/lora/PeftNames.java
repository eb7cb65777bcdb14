package dev.prag.lora;

import dev.prag.lora.Adapter.Target;

/** The names that PEFT gives to modules and tensors. */
final class PeftNames {
    private static final String PREFIX = "base_model.model.";

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
}

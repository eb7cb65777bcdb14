package dev.prag.lora;

import java.util.Arrays;
import java.util.Optional;

/** The seven linear projections of a decoder layer that an adapter may target, under their Hugging Face names. */
public enum Projection {
    Q("self_attn.q_proj"),
    K("self_attn.k_proj"),
    V("self_attn.v_proj"),
    O("self_attn.o_proj"),
    GATE("mlp.gate_proj"),
    UP("mlp.up_proj"),
    DOWN("mlp.down_proj");

    private final String path;

    Projection(String path) {
        this.path = path;
    }

    /** Path within a layer, such as {@code mlp.gate_proj}. */
    public String path() {
        return path;
    }

    /** Last part of the path, such as {@code gate_proj}: what {@code target_modules} lists. */
    public String moduleName() {
        return path.substring(path.indexOf('.') + 1);
    }

    /** The projection of that module name, such as {@code gate_proj}. */
    public static Optional<Projection> ofModuleName(String name) {
        return Arrays.stream(values()).filter(p -> p.moduleName().equals(name)).findFirst();
    }
}

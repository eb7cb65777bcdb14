package dev.prag.lora;

import java.util.List;

/**
 * The adapters and weights in force for one sequence: W' = W + Σ wᵢ·sᵢ·BᵢAᵢ (Su et al., 2025, section 3.3), applied
 * exactly, as a side branch. All terms lie in the same slab.
 */
public record Composition(List<Term> terms) {
    /** The base model as it is. */
    public static final Composition NONE = new Composition(List.of());

    /** One adapter, resident on the device, and its weight. */
    public record Term(ResidentAdapter adapter, float weight) {}

    public Composition {
        terms = List.copyOf(terms);
    }

    public boolean isEmpty() {
        return terms.isEmpty();
    }
}

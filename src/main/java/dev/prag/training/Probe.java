package dev.prag.training;

import dev.prag.lora.Adapter;
import java.util.List;

/**
 * What an adapter is measured by.
 *
 * @param adapter the passage's own
 * @param other another passage's; null where there is none
 * @param questions about the passage, asked without it; at least one
 */
public record Probe(Adapter adapter, Adapter other, List<Sample> questions) {
    public Probe {
        questions = List.copyOf(questions);
    }
}

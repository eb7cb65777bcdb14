package dev.prag.llm;

import dev.prag.lora.Composition;
import dev.prag.tensor.Span;

/**
 * The rows of one sequence within a {@link Batch}: where they stand, where their keys and values are kept, and which
 * adapters are in force for them.
 */
public record Segment(Span span, Composition composition) {}

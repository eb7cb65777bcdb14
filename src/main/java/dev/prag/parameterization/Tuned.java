package dev.prag.parameterization;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What a search for a recipe saw: F1 over questions that no adapter had learned, on a sample of one corpus.
 *
 * @param model that it is for
 * @param passages of the sample
 * @param questions that were asked
 * @param drift change of the log-probability of a token of neutral texts with the adapters, in nats
 */
@RegisterForReflection
public record Tuned(
        String model,
        int passages,
        int questions,
        double closedBook,
        double inContext,
        double parametric,
        double combined,
        double drift) {}

package dev.prag.training;

import dev.prag.lora.Adapter;
import java.util.List;

/**
 * One adapter to train.
 *
 * @param id the caller's name for it
 * @param samples at least one, in the order in which they are learned
 * @param init what to start from, with the recipe's rank, alpha and targets; null for a fresh start (A random, B zero)
 * @param seed of a fresh A; null for the recipe's, which all jobs share
 * @param validation samples that aren't learned, by whose answers the best epoch is told; may be empty
 * @param from where the same training was interrupted; null to begin it
 */
public record TrainingJob(
        String id, List<Sample> samples, Adapter init, Long seed, List<Sample> validation, Checkpoint from) {
    public TrainingJob {
        samples = List.copyOf(samples);
        validation = List.copyOf(validation);
    }

    /** A job from its beginning. */
    public TrainingJob(String id, List<Sample> samples, Adapter init, Long seed, List<Sample> validation) {
        this(id, samples, init, seed, validation, null);
    }

    /** A job that starts as all others do. */
    public TrainingJob(String id, List<Sample> samples, Adapter init) {
        this(id, samples, init, null, List.of());
    }

    long seed(TrainingRecipe recipe) {
        return seed == null ? recipe.seed() : seed;
    }
}

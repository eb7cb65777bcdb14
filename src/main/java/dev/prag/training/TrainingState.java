package dev.prag.training;

import dev.prag.tensor.Tensor;

/**
 * Where trainings have their numbers, each tensor like the slab of adapters.
 *
 * @param best the best adapters so far; null where there is no validation
 */
record TrainingState(Tensor parameters, Tensor firstMoments, Tensor secondMoments, Tensor best) {}

package dev.prag.tuning;

import dev.prag.parameterization.TrainingSettings;

/**
 * A way of training that is tried.
 *
 * @param name in what it differs from others, for people
 */
record Candidate(String name, TrainingSettings training) {}

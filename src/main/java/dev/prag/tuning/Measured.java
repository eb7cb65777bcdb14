package dev.prag.tuning;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What asking the held-out questions in one way came to.
 *
 * @param f1 mean over the questions, 0 to 1
 * @param unseen the same over those that ask for what nothing learned asks for; NaN where there are none
 * @param questions how many were asked
 * @param drift mean change of the log-probability of a token of neutral texts, in nats: 0 is as the base model, -0.05
 *     about 5% more perplexity. 0 where no adapter was in force
 * @param seconds that it took
 */
@RegisterForReflection
record Measured(double f1, double unseen, int questions, double drift, double seconds) {}

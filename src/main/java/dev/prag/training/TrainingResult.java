package dev.prag.training;

import dev.prag.lora.Adapter;

/**
 * A trained adapter.
 *
 * @param id of the job
 * @param losses mean loss over the learned tokens of every step's sample, in nats, before the step
 */
public record TrainingResult(String id, Adapter adapter, float[] losses) {}

/**
 * Training of low-rank adapters, many at once over one frozen model.
 *
 * <p>A {@link dev.prag.training.TrainingJob} is one passage's samples; a {@link dev.prag.training.TrainingRecipe} says
 * how all are trained. The {@link dev.prag.training.Trainer} packs the jobs' current samples into one batch, without
 * padding, and lets each adapter take its own step. The arithmetic lies in {@link dev.prag.llm.Backpropagation} and the
 * device; what is here is the order of things: samples, epochs, labels, steps.
 *
 * <p>An adapter is in force in a whole sample, or in its answer alone ({@link dev.prag.lora.Scope}): then the base model
 * reads the prompts, once for all epochs, and only answers go through the model in a step.
 */
package dev.prag.training;

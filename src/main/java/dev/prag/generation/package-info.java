/**
 * Continues prompts with a language model, many at once.
 *
 * <p>A request waits until there is a place for it and all the cache blocks that it can ever need; from then on it is a
 * {@code Sequence} that takes part in steps. Requests of one composition whose prompts begin alike share those blocks
 * ({@code PrefixCache}). A step is made so:
 *
 * <ol>
 *   <li>the {@code Scheduler} drops what was cancelled, admits from the queue, and plans: one row for every sequence
 *       that is being continued, and a chunk of the prompts that are not through;
 *   <li>the engine packs the rows into one {@link dev.prag.llm.Batch}, a segment a sequence: its position, its block
 *       table, its composition (two where a chunk reaches into the scope of the composition, {@link
 *       dev.prag.lora.Scope});
 *   <li>the {@code Stepper} runs the decoder over it, which writes keys and values to the blocks, computes the logits
 *       of the rows that end their sequences, and has the device choose; ids and log-probabilities are all that is
 *       read back;
 *   <li>each sequence takes its token: a stop token ends it, else its text is decoded, searched for stop strings, and
 *       told to the listener.
 * </ol>
 *
 * <p>Where one composition writes much alone, a {@code MergingStepper} may merge it into a copy of the weights.
 *
 * <p>What goes wrong in a step is found by running its sequences one by one, so a failure ends one request. {@link
 * dev.prag.generation.Scorer} reads probabilities of a given text instead of writing one.
 */
package dev.prag.generation;

package dev.prag.generation;

/**
 * What is known of a step beside its batch.
 *
 * @param continuing whether every row stands behind its sequence's prompt, where nothing is shared with others
 * @param lone the step's sequence if no other one runs or waits, else null
 * @param topLogprobs how many of the most probable tokens are wanted of each row that chooses
 */
record Outlook(boolean continuing, Sequence lone, int topLogprobs) {}

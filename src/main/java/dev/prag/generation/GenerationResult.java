package dev.prag.generation;

/**
 * A continuation.
 *
 * @param ids the tokens generated, without the end token or stop id; those of a stop string are among them
 * @param text their text without special tokens, up to the stop string where one came
 * @param logprobs natural log-probability of each of the ids, before penalty and temperature
 */
public record GenerationResult(int[] ids, String text, float[] logprobs, Finish finish) {}

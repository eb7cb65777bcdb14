package dev.prag.training;

/**
 * One training text.
 *
 * @param ids its tokens, prompt and answer
 * @param answerFrom index of the answer's first token; read only where the loss is taken over the answer
 */
public record Sample(int[] ids, int answerFrom) {}

package dev.prag.augmentation;

/**
 * A question that a passage answers.
 *
 * @param answer in a few words
 * @param fullAnswer as a sentence
 */
public record Pair(String question, String answer, String fullAnswer) {}

package dev.prag.augmentation;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A question that a passage answers.
 *
 * @param answer in a few words
 * @param fullAnswer as a sentence
 */
@RegisterForReflection
public record Pair(String question, String answer, String fullAnswer) {}

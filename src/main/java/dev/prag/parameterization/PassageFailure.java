package dev.prag.parameterization;

import dev.prag.corpus.LeasedPassage;

/**
 * A passage that couldn't be encoded this time.
 *
 * @param reason for people
 * @param detail what a model wrote that was no use, and why not; empty if there was nothing
 * @param hopeless whether it would fail the same way again
 */
public record PassageFailure(LeasedPassage passage, String reason, String detail, boolean hopeless) {}

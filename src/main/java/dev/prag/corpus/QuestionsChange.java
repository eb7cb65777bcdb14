package dev.prag.corpus;

/**
 * Fired in the process that put texts with new questions among the corpus's {@link Changes}, after that is committed: what
 * is derived from the corpus in this process may look for them at once.
 */
public record QuestionsChange() {}

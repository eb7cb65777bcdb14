package dev.prag.corpus;

/**
 * Fired in the process that changed the corpus, after the change is committed: what it is, {@link Changes} tells. Whoever
 * follows them hears of changes of all processes; this says that somebody here may look for this one at once.
 *
 * @param more whether whoever changed it goes on changing it, and looks for nothing before that is done
 */
public record CorpusChange(boolean more) {}

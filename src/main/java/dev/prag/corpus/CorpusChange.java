package dev.prag.corpus;

import java.util.List;

/**
 * Fired after a change of the corpus is committed.
 *
 * @param written passages that are new, or whose title changed
 * @param removed ids of passages that are gone
 */
public record CorpusChange(List<PassageText> written, List<String> removed) {}

package dev.prag.corpus;

import java.util.List;

/**
 * Fired after a change of the corpus is committed, with the ids of all passages that came, changed or went. It doesn't
 * say which: events of two writers may arrive in the other order than their commits, so the reader looks what is there.
 */
public record CorpusChange(List<String> passageIds) {}

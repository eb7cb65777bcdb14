package dev.prag.corpus;

/**
 * The last change of a document: it came, changed, or went; which of them it was, whoever follows sees in what is there
 * now.
 *
 * @param seq its place in the sequence of changes, from 1
 */
public record Change(long seq, String documentId) {}

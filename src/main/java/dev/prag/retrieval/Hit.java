package dev.prag.retrieval;

/** A passage found, with its BM25 score (as Lucene has it: without the factor k1 + 1). */
public record Hit(String passageId, double score) {}

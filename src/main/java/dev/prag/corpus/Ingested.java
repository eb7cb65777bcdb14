package dev.prag.corpus;

import java.util.List;

/** What became of one document: its id, and its passages in their order. */
public record Ingested(String documentId, Outcome outcome, List<String> passageIds) {
    /** How the corpus changed. */
    public enum Outcome {
        /** It was not there. */
        ADDED,
        /** It replaced another version; passages whose text stayed kept their ids and adapters. */
        CHANGED,
        /** It was there as it is. */
        UNCHANGED
    }
}

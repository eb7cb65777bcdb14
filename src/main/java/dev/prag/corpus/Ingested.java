package dev.prag.corpus;

import java.util.List;

/**
 * What became of one document: its id, and its passages in their order.
 *
 * @param notes what was left out of the text, in sentences
 */
public record Ingested(String documentId, Outcome outcome, List<String> passageIds, List<String> notes) {
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

package dev.prag.retrieval;

import java.util.List;

/**
 * What a search found.
 *
 * @param hits passages of different texts, best first
 * @param words how many different words the question has
 * @param searched how many of them were searched: all, or the rarest where there are more than a query holds
 */
public record Found(List<Hit> hits, int words, int searched) {
    public Found {
        hits = List.copyOf(hits);
    }

    /** Whether some words of the question were left out. */
    public boolean isPartial() {
        return searched < words;
    }
}

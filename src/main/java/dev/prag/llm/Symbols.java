package dev.prag.llm;

/** How a vocabulary spells text: what merging begins with. */
interface Symbols {
    /** Ids of a piece's smallest parts; the array is new. */
    int[] of(String piece);

    /** A piece as the token that it would be. */
    String spell(String piece);
}

package dev.prag.corpus;

/** Where a passage stands under one model and recipe. */
public enum EncodingState {
    /** Waits for an encoder. */
    PENDING,
    /** An encoder has it, until its lease runs out. */
    LEASED,
    /** Its adapter is in the store. */
    READY,
    /** Its adapter was trained and is of no use, by the bounds of the recipe: nobody has it; see its note. */
    WITHHELD,
    /** Given up after too many attempts; see its error. */
    FAILED
}

package dev.prag.generation;

/** Why a continuation ended. */
public enum Finish {
    /** An end token, a stop id or a stop string came. */
    STOP,
    /** As many tokens as asked for, or as the context holds. */
    LENGTH,
    /** The caller cancelled it. */
    CANCELLED
}

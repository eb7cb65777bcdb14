package dev.prag.runtime;

/** Why an adapter that was asked for isn't on the device. */
public enum AdapterAbsence {
    /** The store has nothing under its id. */
    MISSING,
    /** What the store had was no longer what was put there. */
    DAMAGED,
    /** The store can't be read for now. */
    UNREADABLE,
    /** It is no adapter, or one that this model can't use. */
    UNUSABLE,
    /** Adapters in use fill the device's room. */
    FULL,
    /** It is larger than all of the device's room. */
    TOO_LARGE
}

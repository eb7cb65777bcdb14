package dev.prag.runtime;

/** Why an adapter that was asked for isn't on the device. */
public enum AdapterAbsence {
    /** The store has nothing under its id. */
    MISSING,
    /** What the store had was not what was put there, or not what the database knows. */
    DAMAGED,
    /** The store can't be read for now. */
    UNREADABLE,
    /** It is no adapter, or one that this model can't use. */
    UNUSABLE,
    /** It and those that were asked for with it are more than all of the device's room. */
    FULL,
    /** It is larger than all of the device's room. */
    TOO_LARGE
}

package dev.prag.augmentation;

/** Hears how an augmentation gets on. */
public interface AugmentationListener {
    /** Hears nothing. */
    AugmentationListener NONE = new AugmentationListener() {};

    /** So many answers have come so far; from any thread. */
    default void onAnswers(int answers) {}

    /** A passage, by its index, is done; from the thread that asked, in the order in which they are done. */
    default void onPassage(int passage, Augmented augmented) {}
}

package dev.prag.reproduction;

/** A table or figure of the paper (Su et al., <em>Parametric Retrieval Augmented Generation</em>, 2025) that has a twin here. */
public enum Twin {
    /** All methods on all data sets. */
    TABLE1,
    /** Adapters that begin at random, and with a warm-up. */
    TABLE2,
    /** Augmentations by other models. */
    TABLE3,
    /** Seconds a question. */
    TABLE4,
    /** Augmentations without rewrites, without pairs, and without both. */
    FIGURE3
}

package dev.prag.tuning;

/**
 * A question that no adapter has learned, and that a passage of the sample answers.
 *
 * @param passage index of the passage in the sample
 * @param answer what is right
 * @param kind in what it differs from what was learned
 */
record HeldOut(int passage, String question, String answer, Kind kind) {
    /** In what a question differs from those that were learned. */
    enum Kind {
        /** It asks for what no learned question asks for. */
        UNSEEN,
        /** It asks for the same as a learned one, in other words. */
        PARAPHRASE
    }
}

package dev.prag.tensor;

/** A family of cases that every device must pass. */
interface Contract {
    /** The device under test beside the plain one; the seed decides the random numbers. */
    Lab lab(long seed);

    /** Rows of logits that are very large, very small, equal to zero or impossible. */
    static Lab.Twin atTheEndsOfTheirRange(Lab lab) {
        float never = Float.NEGATIVE_INFINITY;
        return lab.floats(
                3, 5, 3e38f, -3e38f, 0, never, 1, never, never, never, 2, never, 1e-40f, never, 0, -1e-40f, 90);
    }
}

package dev.prag.tensor;

/** A family of cases that every device must pass. */
interface Contract {
    /** The device under test beside the plain one; the seed decides the random numbers. */
    Lab lab(long seed);
}

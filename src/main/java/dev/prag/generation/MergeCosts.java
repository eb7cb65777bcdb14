package dev.prag.generation;

/** What a merged copy of the weights costs and what it saves, in seconds, learned while the engine runs. */
interface MergeCosts {
    /** Whether the next step should run without its side branch, too, to learn what that costs. */
    boolean wantsPair();

    /** What one row took with the side branch, and what the same row took without. */
    void pair(double with, double without);

    /** A copy with so many bytes of new matrices took so long, until it was ready to be used. */
    void merged(long bytes, double seconds);

    /** What a copy with so many bytes of new matrices will take. */
    double merge(long bytes);

    /** What the side branch costs a token; 0 until that is known. */
    double branch();
}

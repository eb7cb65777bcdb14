package dev.prag.generation.grammar;

/** A state of an automaton that reads the bytes of one part of a text. */
non-sealed interface Leaf extends Frame {
    /** The state after a byte (0 to 255); null if it can't come here. */
    Leaf step(int unsignedByte);

    /** Whether the part may end here. */
    boolean accepting();

    /** Whether more bytes may come. */
    boolean open();

    /**
     * A leaf that takes and refuses the same tokens.
     *
     * @param longest bytes of the longest token
     */
    default Leaf alike(int longest) {
        return this;
    }

    /** Whether it is the same for every schema. */
    boolean common();
}

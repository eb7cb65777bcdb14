package dev.prag.generation.grammar;

import java.util.function.Consumer;

/** A part of a text that is still to be written. */
sealed interface Frame permits Leaf, Frame.Expanding {
    /** A number of tokens that is enough to write it. */
    int cost();

    /** One that reads no bytes itself: others take its place. */
    non-sealed interface Expanding extends Frame {
        /** Gives the stacks that may take its place above those below. */
        void expand(Stack below, Consumer<Stack> to);
    }
}

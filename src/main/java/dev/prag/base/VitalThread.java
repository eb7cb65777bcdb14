package dev.prag.base;

import java.util.Optional;

/**
 * A thread that works for everybody and is not started again once an error of the machine, such as no memory left, has
 * ended it: from then on only a new process helps, and whoever watches over this one has to know.
 */
public interface VitalThread {
    /** What it does, in a word. */
    String name();

    /** What ended it; empty while it works, if it was never started, and after it was stopped in order. */
    Optional<Throwable> failure();
}

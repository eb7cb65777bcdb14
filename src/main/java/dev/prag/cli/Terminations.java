package dev.prag.cli;

import sun.misc.Signal;

/**
 * Lets a command end by itself when its process is told to: what is under way decides when, and the exit code is the
 * command's own. The JVM's way, which begins with tearing everything down, is for commands that have nothing to end.
 */
final class Terminations {
    private Terminations() {}

    /** Runs this, in place of what the JVM does, on SIGTERM and SIGINT; a second one ends the process at once. */
    static void then(Runnable end) {
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> {
                Signal.handle(signal, again -> Runtime.getRuntime().halt(128 + again.getNumber()));
                end.run();
            });
        }
    }
}

package dev.prag.cli;

import java.util.HashMap;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Lets a command end by itself when its process is told to: what is under way decides when, and the exit code is the
 * command's own. The JVM's way, which begins with tearing everything down, is for commands that have nothing to end.
 */
final class Terminations {
    private static final String[] SIGNALS = {"TERM", "INT"};
    private static final Map<String, SignalHandler> USUAL = new HashMap<>();
    private static volatile int held;

    private Terminations() {}

    /**
     * From here on the first signal is kept for {@link #held}: while the service starts nobody is there yet who could end
     * it, and what is torn down half built stays. A second one does what is usual.
     */
    static void hold() {
        for (String name : SIGNALS) {
            USUAL.put(name, Signal.handle(new Signal(name), signal -> {
                held = signal.getNumber();
                Signal.handle(signal, USUAL.get(signal.getName()));
            }));
        }
    }

    /** Ends {@link #hold}; returns the number of the signal that came meanwhile, 0 if none did. */
    static int held() {
        USUAL.forEach((name, handler) -> Signal.handle(new Signal(name), handler));
        return held;
    }

    /** Runs this, in place of what the JVM does, on SIGTERM and SIGINT; a second one ends the process at once. */
    static void then(Runnable end) {
        for (String name : SIGNALS) {
            Signal.handle(new Signal(name), signal -> {
                Signal.handle(signal, again -> Runtime.getRuntime().halt(128 + again.getNumber()));
                end.run();
            });
        }
    }
}

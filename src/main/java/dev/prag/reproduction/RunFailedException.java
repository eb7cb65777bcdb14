package dev.prag.reproduction;

/** A run ended with a failure: what it said last, and where the rest stands. */
public final class RunFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exit;

    RunFailedException(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    /** The exit code of the run. */
    public int exit() {
        return exit;
    }
}

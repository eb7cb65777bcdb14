package dev.prag.extraction;

/** A file that can't be read; the message follows the file's name in a sentence and says what to do. */
public class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** A password, or a certificate. */
        ENCRYPTED,
        /** Not what its name says, or damaged. */
        BROKEN,
        /** Nothing but pictures, or nothing at all. */
        NO_TEXT,
        /** Larger than is read, packed or unpacked. */
        TOO_LARGE,
        /** It took too long, or too much memory. */
        TOO_HARD,
        /** This program can't read such files. */
        UNSUPPORTED
    }

    private final Reason reason;

    public RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}

package dev.prag.tensor;

import java.util.Optional;

/**
 * A device stopped working: nothing that lies on it can be read, and every later operation throws this again. The
 * process has to be started anew.
 */
public final class DeviceLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceLostException(String message) {
        super(message);
    }

    /** The loss of a device that an error comes of, if it does. */
    public static Optional<DeviceLostException> in(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof DeviceLostException lost) {
                return Optional.of(lost);
            }
        }
        return Optional.empty();
    }
}

package dev.prag.tensor;

/**
 * A device stopped working: nothing that lies on it can be read, and every later operation throws this again. The
 * process has to be started anew.
 */
public final class DeviceLostException extends RuntimeException {
    public DeviceLostException(String message) {
        super(message);
    }
}

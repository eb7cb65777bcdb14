package dev.prag.runtime;

/**
 * What came of asking for an adapter.
 *
 * @param handle the adapter on the device, until it is closed; null where it isn't there
 * @param absence why it isn't there; null where it is
 * @param detail what is wrong with one that is unusable, in words; else null
 */
public record Acquired(AdapterResidency.Handle handle, AdapterAbsence absence, String detail) {
    public boolean isPresent() {
        return handle != null;
    }

    public boolean isEmpty() {
        return handle == null;
    }

    /** The handle, where the adapter has to be there. */
    public AdapterResidency.Handle orElseThrow() {
        if (handle == null) {
            throw new IllegalStateException("adapter: " + absence);
        }
        return handle;
    }
}

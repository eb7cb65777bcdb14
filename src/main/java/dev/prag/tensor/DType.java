package dev.prag.tensor;

/** Element types. F16 exists in files only: a device reads it into F32 or BF16. */
public enum DType {
    F32(4),
    BF16(2),
    F16(2),
    I32(4);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}

package dev.prag.tensor;

/** Element types. F16 exists in files only: a device reads it into F32, BF16 or I8. I8 is a type of weights, see {@link Int8}. */
public enum DType {
    F32(4),
    BF16(2),
    F16(2),
    I32(4),
    I8(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}

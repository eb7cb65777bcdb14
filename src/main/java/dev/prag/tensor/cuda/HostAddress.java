package dev.prag.tensor.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/** An address of the host as a number, both ways. */
final class HostAddress extends Pointer {
    /** Nothing yet: to be filled by an allocation. */
    HostAddress() {}

    private HostAddress(long value) {
        super(value);
    }

    static HostAddress of(long value) {
        return new HostAddress(value);
    }

    static HostAddress of(MemorySegment segment) {
        return new HostAddress(segment.address());
    }

    long value() {
        return getNativePointer() + getByteOffset();
    }
}

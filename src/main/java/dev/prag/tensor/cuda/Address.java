package dev.prag.tensor.cuda;

import jcuda.driver.CUdeviceptr;

/** A device address as a number, both ways: what JCuda keeps in an object. */
final class Address extends CUdeviceptr {
    private static final CUdeviceptr ZERO = new CUdeviceptr();

    /** Nothing yet: to be filled by an allocation. */
    Address() {}

    private Address(long value) {
        super(ZERO, value);
    }

    static Address of(long value) {
        return new Address(value);
    }

    long value() {
        return getNativePointer() + getByteOffset();
    }
}

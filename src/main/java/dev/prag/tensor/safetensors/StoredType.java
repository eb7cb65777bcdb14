package dev.prag.tensor.safetensors;

import dev.prag.tensor.DType;

/**
 * The element types that the format knows, with the bits of one element. Files may hold any of them; only those with a
 * {@link DType} can be asked for as tensors.
 */
enum StoredType {
    BOOL(8, null),
    F4(4, null),
    F6_E2M3(6, null),
    F6_E3M2(6, null),
    U8(8, null),
    I8(8, DType.I8),
    F8_E5M2(8, null),
    F8_E4M3(8, null),
    F8_E8M0(8, null),
    F8_E4M3FNUZ(8, null),
    F8_E5M2FNUZ(8, null),
    I16(16, null),
    U16(16, null),
    F16(16, DType.F16),
    BF16(16, DType.BF16),
    I32(32, DType.I32),
    U32(32, null),
    F32(32, DType.F32),
    C64(64, null),
    F64(64, null),
    I64(64, null),
    U64(64, null);

    private final int bits;
    private final DType dtype;

    StoredType(int bits, DType dtype) {
        this.bits = bits;
        this.dtype = dtype;
    }

    int bits() {
        return bits;
    }

    /** The type that devices know, or null. */
    DType dtype() {
        return dtype;
    }
}

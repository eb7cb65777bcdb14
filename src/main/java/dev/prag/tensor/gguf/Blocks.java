package dev.prag.tensor.gguf;

/** Turns blocks of quantised values into floats. */
@FunctionalInterface
interface Blocks {
    /**
     * @param bytes whole blocks, one after the other
     * @param values takes the floats of all of them
     */
    void decode(byte[] bytes, float[] values);

    /** The half-precision number at an offset. */
    static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) ((bytes[at] & 0xFF) | (bytes[at + 1] << 8)));
    }
}

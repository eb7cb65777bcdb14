package dev.prag.tensor.gguf;

import dev.prag.tensor.BFloat16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values that are not quantised: a block is one number. */
final class Floats {
    private Floats() {}

    static void f32(byte[] bytes, float[] values) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    }

    static void f16(byte[] bytes, float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Blocks.half(bytes, 2 * i);
        }
    }

    static void bf16(byte[] bytes, float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = BFloat16.value((short) ((bytes[2 * i] & 0xFF) | (bytes[2 * i + 1] << 8)));
        }
    }
}

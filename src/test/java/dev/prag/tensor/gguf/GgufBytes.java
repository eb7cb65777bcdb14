package dev.prag.tensor.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plain encoder of GGUF files, for tests. */
public final class GgufBytes {
    private record Tensor(String name, int type, long[] sizes, byte[] data, Long offset) {}

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private int alignment = 32;

    /** A value: Integer (u32), Long (u64), Float, Boolean, String, or a list of Strings, Integers (i32) or Floats. */
    public GgufBytes put(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    public GgufBytes remove(String key) {
        metadata.remove(key);
        return this;
    }

    public GgufBytes alignment(int bytes) {
        alignment = bytes;
        return put("general.alignment", bytes);
    }

    /** @param shape outermost first */
    public GgufBytes tensor(String name, GgmlType type, byte[] data, int... shape) {
        return tensor(name, type.number(), data, null, shape);
    }

    /** @param offset where it is said to begin, or null for where it does */
    GgufBytes tensor(String name, int type, byte[] data, Long offset, int... shape) {
        long[] sizes = new long[shape.length];
        for (int i = 0; i < shape.length; i++) {
            sizes[i] = shape[shape.length - 1 - i];
        }
        tensors.add(new Tensor(name, type, sizes, data, offset));
        return this;
    }

    public GgufBytes floats(String name, float[] values, int... shape) {
        return tensor(name, GgmlType.F32, f32(values), shape);
    }

    /** Leaves out a tensor. */
    public GgufBytes without(String name) {
        tensors.removeIf(tensor -> tensor.name.equals(name));
        return this;
    }

    public static byte[] f32(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    public static byte[] f16(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putShort(Float.floatToFloat16(value));
        }
        return bytes.array();
    }

    /** Blocks of 32 values: the scale, then integers of eight bits. */
    public static byte[] q8(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length / 32 * 34).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += 32) {
            float largest = 0;
            for (int i = 0; i < 32; i++) {
                largest = Math.max(largest, Math.abs(values[at + i]));
            }
            short scale = Float.floatToFloat16(largest / 127);
            float d = Float.float16ToFloat(scale);
            bytes.putShort(scale);
            for (int i = 0; i < 32; i++) {
                bytes.put((byte) (d == 0 ? 0 : Math.clamp(Math.round(values[at + i] / d), -127, 127)));
            }
        }
        return bytes.array();
    }

    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(word(3));
        out.writeBytes(twoWords(tensors.size()));
        out.writeBytes(twoWords(metadata.size()));
        metadata.forEach((key, value) -> {
            text(out, key);
            value(out, value);
        });
        long at = 0;
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Tensor tensor : tensors) {
            text(out, tensor.name);
            out.writeBytes(word(tensor.sizes.length));
            for (long size : tensor.sizes) {
                out.writeBytes(twoWords(size));
            }
            out.writeBytes(word(tensor.type));
            out.writeBytes(twoWords(tensor.offset == null ? at : tensor.offset));
            data.writeBytes(tensor.data);
            pad(data);
            at = data.size();
        }
        if (!tensors.isEmpty()) {
            pad(out);
        }
        out.writeBytes(data.toByteArray());
        return out.toByteArray();
    }

    public Path write(Path file) {
        try {
            return Files.write(file, bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pad(ByteArrayOutputStream out) {
        while (out.size() % alignment != 0) {
            out.write(0);
        }
    }

    private static void value(ByteArrayOutputStream out, Object value) {
        switch (value) {
            case Integer number -> typed(out, 4, word(number));
            case Long number -> typed(out, 10, twoWords(number));
            case Float number -> typed(out, 6, f32(number));
            case Boolean flag -> typed(out, 7, new byte[] {(byte) (flag ? 1 : 0)});
            case String text -> {
                out.writeBytes(word(8));
                text(out, text);
            }
            case List<?> list -> list(out, list);
            default -> throw new IllegalArgumentException(value.toString());
        }
    }

    private static void list(ByteArrayOutputStream out, List<?> list) {
        boolean texts = !list.isEmpty() && list.getFirst() instanceof String;
        boolean floats = !list.isEmpty() && list.getFirst() instanceof Float;
        out.writeBytes(word(9));
        out.writeBytes(word(texts ? 8 : floats ? 6 : 5));
        out.writeBytes(twoWords(list.size()));
        for (Object element : list) {
            if (texts) {
                text(out, (String) element);
            } else {
                out.writeBytes(word(floats ? Float.floatToIntBits((Float) element) : (Integer) element));
            }
        }
    }

    private static void typed(ByteArrayOutputStream out, int type, byte[] bytes) {
        out.writeBytes(word(type));
        out.writeBytes(bytes);
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(twoWords(bytes.length));
        out.writeBytes(bytes);
    }

    static byte[] word(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    static byte[] twoWords(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }
}

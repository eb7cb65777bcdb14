package dev.prag.tensor.gguf;

import dev.prag.base.UserException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads the parts of a GGUF file that come before the tensors, one after the other; nothing is read beyond the end. */
final class Cursor {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String origin;
    private final MemorySegment bytes;
    private long at;

    Cursor(String origin, MemorySegment bytes) {
        this.origin = origin;
        this.bytes = bytes;
    }

    /** Offset of what is read next. */
    long at() {
        return at;
    }

    private long take(long count, String what) {
        if (count > bytes.byteSize() - at) {
            throw GgufFile.damaged(
                    origin, "truncated: it ends at byte " + bytes.byteSize() + ", within " + what + " at byte " + at);
        }
        long from = at;
        at += count;
        return from;
    }

    byte i8(String what) {
        return bytes.get(ValueLayout.JAVA_BYTE, take(1, what));
    }

    short i16(String what) {
        return bytes.get(SHORT, take(2, what));
    }

    int i32(String what) {
        return bytes.get(INT, take(4, what));
    }

    long i64(String what) {
        return bytes.get(LONG, take(8, what));
    }

    /**
     * A number of things that follow.
     *
     * @param leastBytes what each of them takes at least, so that no memory is asked for that the file can't fill
     */
    int count(String what, int leastBytes) {
        long count = i64(what);
        long left = bytes.byteSize() - at;
        if (count < 0 || count > left / leastBytes) {
            throw GgufFile.damaged(
                    origin,
                    what + " is " + Long.toUnsignedString(count) + ", more than the " + left
                            + " bytes that follow can hold");
        }
        if (count > Integer.MAX_VALUE - 8) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    origin + ": " + what + " is " + count + ", more than a list can hold; use another file");
        }
        return (int) count;
    }

    /** A name: it must be UTF-8. */
    String name(String what) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(textBytes(what)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw GgufFile.damaged(origin, what + " is not UTF-8");
        }
    }

    /** A text; what isn't UTF-8 in it becomes U+FFFD. */
    String text(String what) {
        return new String(textBytes(what), StandardCharsets.UTF_8);
    }

    private byte[] textBytes(String what) {
        byte[] text = new byte[count("the length of " + what, 1)];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, take(text.length, what), text, 0, text.length);
        return text;
    }
}

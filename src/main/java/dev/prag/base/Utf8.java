package dev.prag.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text from outside: UTF-8 or refused, and without the byte order mark that some editors begin it with. */
public final class Utf8 {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Utf8() {}

    /**
     * The bytes as text.
     *
     * @param origin what they are, for the message
     * @throws UserException if they aren't UTF-8
     */
    public static String decode(byte[] bytes, String origin) {
        try {
            // A decoder made by newDecoder reports what is malformed.
            return withoutMark(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, origin + " is not UTF-8 text; convert it to UTF-8 first", e);
        }
    }

    /**
     * The text of a file.
     *
     * @param origin what it is, for the message
     * @throws UserException if it can't be read or isn't UTF-8
     */
    public static String read(Path file, String origin) {
        try {
            return decode(Files.readAllBytes(file), origin);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, origin + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
    }

    /** The text without a byte order mark before it. */
    public static String withoutMark(String text) {
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
}

package dev.prag.cli.model;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Lines of JSON from a file or from standard input, in UTF-8. Blank lines are passed over. */
final class InputLines implements AutoCloseable {
    private static final int MAX_BYTES = 64 << 20;

    private final String origin;
    private final InputStream in;
    private int number;

    private InputLines(String origin, InputStream in) {
        this.origin = origin;
        this.in = new BufferedInputStream(in);
    }

    /**
     * Opens a file.
     *
     * @param file null or {@code -} for standard input
     */
    static InputLines open(Path file) {
        if (file == null || file.toString().equals("-")) {
            return new InputLines("standard input", System.in);
        }
        try {
            if (Files.isDirectory(file)) {
                throw new UserException(file + " is a folder; name a file of JSON lines");
            }
            return new InputLines(file.toString(), Files.newInputStream(file));
        } catch (NoSuchFileException e) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND, file + " doesn't exist; name a file of JSON lines", e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, file + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
    }

    /**
     * Hands over line after line, each as soon as it is there.
     *
     * @throws UserException of a bad line, and what the handler throws, with the number of the line
     */
    void forEach(Consumer<InputLine> handler) {
        for (byte[] line = next(); line != null; line = next()) {
            try {
                String text = decode(line);
                if (!text.isBlank()) {
                    handler.accept(InputLine.parse(text));
                }
            } catch (UserException e) {
                throw new UserException(e.kind(), origin + ", line " + number + ": " + e.getMessage(), e);
            }
        }
    }

    private String decode(byte[] line) {
        if (line.length > MAX_BYTES) {
            throw new UserException("longer than " + MAX_BYTES + " bytes; split it");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            return number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new UserException(UserException.Kind.BAD_INPUT, "not UTF-8; save the input in that encoding", e);
        }
    }

    /** The bytes of the next line without its end, cut off past the limit; null at the end. */
    private byte[] next() {
        number++;
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int b = in.read();
            if (b < 0) {
                return null;
            }
            for (; b >= 0 && b != '\n'; b = in.read()) {
                if (line.size() <= MAX_BYTES) {
                    line.write(b);
                }
            }
            return line.toByteArray();
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    origin + ", line " + number + ": can't be read: " + IoReason.of(e),
                    e);
        }
    }

    @Override
    public void close() {
        if (origin.equals("standard input")) {
            return;
        }
        try {
            in.close();
        } catch (IOException e) {
            throw new UserException(UserException.Kind.ENVIRONMENT, origin + " can't be closed: " + IoReason.of(e), e);
        }
    }
}

package dev.prag.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.base.Utf8;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Documents from JSON lines of any number: no more than a line is in memory. */
final class JsonLines {
    private static final JsonMapper JSON = ExactJson.builder().build();
    /** Bytes that a character of a text may have in JSON, as {@code \\u0000}. */
    private static final int ESCAPED = 6;
    /** For the other fields of a line. */
    private static final int BESIDE = 1 << 20;

    private final InputStream in;
    private final String origin;
    private final long longest;
    private boolean afterReturn;

    /** @param largestDocument bytes of UTF-8 that the text of a document may have */
    JsonLines(InputStream in, String origin, long largestDocument) {
        this.in = new BufferedInputStream(in, 1 << 16);
        this.origin = origin;
        this.longest = ESCAPED * largestDocument + BESIDE;
    }

    /**
     * Hands over a document a line.
     *
     * @throws UserException naming the line and what is wrong with it, or if there is no document at all
     */
    void read(Consumer<DocumentInput> each) throws IOException {
        long documents = 0;
        long number = 0;
        for (byte[] line = next(number + 1); line != null; line = next(number + 1)) {
            number++;
            String where = origin + " line " + number;
            String text = Utf8.decode(line, where);
            if (!text.isBlank()) {
                each.accept(document(text, where));
                documents++;
            }
        }
        if (documents == 0) {
            throw new UserException(origin + " holds no document; each line is a JSON object with a field text");
        }
    }

    static DocumentInput document(String line, String where) {
        try {
            return DocumentReader.fromJson(JSON.readTree(line), where);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    where + " is not JSON (" + JsonMistake.said(e) + "); each line is one JSON object",
                    e);
        }
    }

    /** The next line without its end, which is a newline, a return, or both; null if there is none. */
    private byte[] next(long number) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        int read = in.read();
        if (afterReturn && read == '\n') {
            read = in.read();
        }
        afterReturn = false;
        if (read < 0) {
            return null;
        }
        while (read >= 0 && read != '\n' && read != '\r') {
            if (line.size() >= longest) {
                throw new UserException(
                        Kind.TOO_LARGE,
                        origin + " line " + number + " is too large: more than " + longest
                                + " bytes; cut its document into several, or raise prag.corpus.max-document-bytes");
            }
            line.write(read);
            read = in.read();
        }
        afterReturn = read == '\r';
        return line.toByteArray();
    }
}

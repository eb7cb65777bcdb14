package dev.prag.rest;

import dev.prag.base.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** The encodings in which bodies are taken (RFC 9110, 8.4). */
enum ContentEncoding {
    IDENTITY {
        @Override
        InputStream decode(InputStream body) {
            return body;
        }
    },
    GZIP {
        @Override
        InputStream decode(InputStream body) throws IOException {
            return new GZIPInputStream(body, BUFFER);
        }
    },
    DEFLATE {
        @Override
        InputStream decode(InputStream body) {
            return new InflaterInputStream(body);
        }
    };

    /** For the header that says what is taken. */
    static final String TAKEN = "gzip, deflate, identity";

    private static final int BUFFER = 1 << 14;

    /** What a client reads of it; the caller bounds how much. */
    abstract InputStream decode(InputStream body) throws IOException;

    /**
     * The encoding that a header names.
     *
     * @param header null where there is none
     * @throws UserException if it names another, or several
     */
    static ContentEncoding of(String header) {
        return switch (header == null ? "" : header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default ->
                throw new UserException(
                        "the request's Content-Encoding " + header + " is not understood; send one of " + TAKEN);
        };
    }
}

package dev.prag.rest;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The id that a request's path names: everything behind {@code /documents/}, percent-decoded once. It is read from the
 * request as it was sent, since a router takes parameters behind a semicolon, double slashes and {@code ..} away, and
 * the id would be another document's.
 */
final class DocumentPath {
    private static final String DOCUMENTS = "/documents/";

    private DocumentPath() {}

    /**
     * The id.
     *
     * @param uri the request's target, such as {@code /documents/a%2Fb?x=1}
     * @throws UserException if what is sent is not percent-encoded UTF-8, or doesn't begin as it should
     */
    static String id(String uri) {
        String path = path(uri);
        if (!path.startsWith(DOCUMENTS)) {
            throw new UserException(
                    Kind.NOT_FOUND,
                    "the path " + path + " is no document's; send the id percent-encoded, as /documents/{id} or"
                            + " /documents?id={id}");
        }
        return decode(path.substring(DOCUMENTS.length()));
    }

    /** Without query and fragment, and without the scheme and host that a proxy's client may send before it. */
    private static String path(String uri) {
        String path = uri;
        if (!path.startsWith("/")) {
            int host = path.indexOf("://");
            int slash = host < 0 ? -1 : path.indexOf('/', host + 3);
            path = slash < 0 ? "/" : path.substring(slash);
        }
        int end = path.length();
        for (char c : new char[] {'?', '#'}) {
            int at = path.indexOf(c);
            end = at < 0 ? end : Math.min(end, at);
        }
        return path.substring(0, end);
    }

    private static String decode(String encoded) {
        byte[] raw = encoded.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(raw.length);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                decoded.put(raw[i]);
                continue;
            }
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw refused(encoded);
            }
            decoded.put((byte) (16 * high + low));
            i += 2;
        }
        try {
            // A decoder made by newDecoder reports what is malformed, overlong forms among it.
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw refused(encoded);
        }
    }

    private static UserException refused(String encoded) {
        return new UserException("the id " + encoded + " in the path is not percent-encoded UTF-8; encode it so");
    }
}

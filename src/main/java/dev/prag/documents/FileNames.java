package dev.prag.documents;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/** Names of files as text. Those of Linux are bytes, which need not be UTF-8. */
final class FileNames {
    private static final char REPLACEMENT = '\uFFFD';

    private FileNames() {}

    /** The path, in which bytes that are no UTF-8 are written like {@code \xE9}: no two paths become one. */
    static String text(Path path) {
        String name = path.toString();
        if (name.indexOf(REPLACEMENT) < 0) {
            return name;
        }
        byte[] bytes = bytes(path.toAbsolutePath());
        String absolute = escaped(bytes);
        if (path.isAbsolute()) {
            return absolute;
        }
        String base = path.getFileSystem().getPath("").toAbsolutePath().toString();
        return absolute.startsWith(base + "/") ? absolute.substring(base.length() + 1) : absolute;
    }

    /** A path's URI has its bytes as they are. */
    private static byte[] bytes(Path absolute) {
        String raw = absolute.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    private static String escaped(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(4 * bytes.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put(String.format(Locale.ROOT, "\\x%02X", in.get()));
            }
            decoder.reset();
        }
    }

    /** What follows the last dot of a name that has something before it, in lower case; empty if there is none. */
    static String extension(Path file) {
        String name = name(file);
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(dot + 1).toLowerCase(Locale.ROOT) : "";
    }

    /** The name of the file without its extension. */
    static String stem(Path file) {
        String name = FileNames.text(file);
        name = name.substring(name.lastIndexOf('/') + 1);
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /** Whether the name begins with a dot, as those of hidden files and of macOS's companion files do. */
    static boolean isHidden(Path file) {
        return name(file).startsWith(".");
    }

    private static String name(Path file) {
        return file.getFileName() == null ? "" : file.getFileName().toString();
    }
}
